// Answers other workers, the scheduler and clients: values by `get_data`, `update_data` and the
// like go through the core; reads answer at once. No handler writes state.
import type { ParkedReplies, RpcContext, RpcHandler, RpcReply } from "@acme/comm";
import {
  type Pickled,
  type Serialized,
  type TaskKey,
  taskKey,
  WireFormatError,
  type WireKey,
  type WireMap,
  type WorkerRequest,
  wireKey,
  workerRequest,
} from "@acme/protocol";
import type { WorkerEvent } from "../core/events.js";
import type { StoredValue } from "../store/spill-files.js";

export interface PeerServerOptions {
  replies: ParkedReplies;
  onEvent: (event: WorkerEvent) => void;
  /** Puts the values of an `update_data` where the core's `keep` will find them. */
  /** The same values in a form that any Python peer reads. */
  forPython: (
    values: ReadonlyMap<TaskKey, StoredValue>,
  ) => Promise<ReadonlyMap<TaskKey, StoredValue>>;
  offer: (requestId: number, values: ReadonlyMap<TaskKey, StoredValue>) => void;
  identity: () => object;
  versions: () => object;
  keys: () => readonly WireKey[];
  story: (keys: readonly TaskKey[]) => readonly object[];
}

type Op = WorkerRequest["op"];
type Request<O extends Op> = Extract<WorkerRequest, { op: O }>;

export class PeerServer {
  readonly #options: PeerServerOptions;
  /** Where requests for data came from: a reply with values will be confirmed, busy will not. */
  readonly #asked = new Map<number, Asked>();

  constructor(options: PeerServerOptions) {
    this.#options = options;
  }

  handlers(): Map<string, RpcHandler> {
    const { identity, versions, keys, story } = this.#options;
    const park = (request: WorkerRequest, context: RpcContext) => this.#park(request, context);
    const table: {
      [O in Op]: (request: Request<O>, context: RpcContext) => RpcReply | Promise<RpcReply>;
    } = {
      get_data: (request, context) => this.#getData(request, context),
      update_data: (request, context) => this.#updateData(request, context),
      gather: park,
      free_keys: park,
      terminate: park,
      identity: () => identity(),
      versions: () => versions(),
      keys: () => [...keys()],
      ping: () => "pong",
      get_logs: () => [],
      get_story: (request) => story(request.keys_or_stimuli.map(taskKey)) as RpcReply,
    };
    return new Map(Object.entries(table).map(([op, handle]) => [op, typed(handle as Handle)]));
  }

  /** Answers a parked `get_data`; resolves when the peer has confirmed, or never will. */
  async serve(requestId: number, values: ReadonlyMap<TaskKey, StoredValue>): Promise<void> {
    const isPython = this.#asked.get(requestId)?.isPython === true;
    const readable = isPython ? await this.#options.forPython(values) : values;
    const data = new Map<unknown, StoredValue>();
    for (const [key, value] of readable) data.set(wireKey(key), value);
    const confirmed = this.#asked.get(requestId)?.context.expectAck();
    this.#asked.delete(requestId);
    this.#options.replies.answer({ requestId, reply: { status: "OK", data } });
    await confirmed;
  }

  #getData(request: Request<"get_data">, context: RpcContext): Promise<RpcReply> {
    return this.#park(request, context, (requestId) => {
      this.#asked.set(requestId, { context, isPython: isForPython(request, context) });
    });
  }

  #updateData(request: Request<"update_data">, context: RpcContext): Promise<RpcReply> {
    const values = new Map<TaskKey, Serialized | Pickled>();
    for (const [wire, value] of request.data) values.set(taskKey(wire), value);
    return this.#park(request, context, (requestId) => this.#options.offer(requestId, values));
  }

  async #park(
    request: WorkerRequest,
    { signal }: RpcContext,
    prepare?: (requestId: number) => void,
  ): Promise<RpcReply> {
    const { replies, onEvent } = this.#options;
    const requestId = replies.next();
    prepare?.(requestId);
    const answer = replies.wait(requestId);
    const onGone = () => {
      this.#asked.delete(requestId);
      if (replies.forget(requestId)) onEvent({ type: "request-gone", requestId });
    };
    onEvent({ type: "request", requestId, request });
    // A connection may have ended while its last requests were still to be read.
    if (signal.aborted) onGone();
    else signal.addEventListener("abort", onGone, { once: true });
    try {
      return (await answer) as RpcReply;
    } finally {
      this.#asked.delete(requestId);
      signal.removeEventListener("abort", onGone);
    }
  }
}

interface Asked {
  readonly context: RpcContext;
  readonly isPython: boolean;
}

/** Our own peers read all there is, unless they ask on behalf of one that does not. */
function isForPython({ serializers }: Request<"get_data">, { connection }: RpcContext): boolean {
  if (!connection.isAcmePeer) return true;
  return Array.isArray(serializers) && !serializers.includes("acme");
}

type Handle = (request: WorkerRequest, context: RpcContext) => RpcReply | Promise<RpcReply>;

function typed(handle: Handle): RpcHandler {
  return (fields: WireMap, context) => {
    const request = workerRequest.read(fields);
    if (request.op === null) throw new WireFormatError(`unknown op ${request.name}`);
    return handle(request, context);
  };
}
