// A nanny: one address, one worker process that it starts, watches and restarts. Its small core
// decides; here are only the process, the requests and the clock.
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Connection,
  connect,
  type Listener,
  listen,
  ParkedReplies,
  type RpcHandler,
  type RpcReply,
  type Security,
  serve,
  TurnLoop,
} from "@acme/comm";
import { isAcmeError, nannyRequest, WireFormatError, type WireMap } from "@acme/protocol";
import { type Logger, logComm, makeLogger } from "../../shell/log.js";
import type { WorkerServerOptions } from "../../shell/worker-options.js";
import {
  type NannyEvent,
  type NannyOutbox,
  newNannyOutbox,
  newNannyState,
  step,
} from "../core/index.js";
import { Child, type FromWorkerProcess } from "./child.js";
import { treeMemoryBytes } from "./process-tree.js";

export interface NannyServerOptions {
  /** Options of the worker; its `nanny` is filled in here. */
  worker: WorkerServerOptions;
  security?: Security | undefined;
  /** Where to listen for the scheduler's requests. */
  listen: string;
  /** The file that a worker process runs. */
  entry: string;
}

const memoryProbeMs = 200;
const helloTimeoutMs = 10_000;
const helloRetryMs = 1_000;

/** A nanny that listens and has started its worker. */
export interface NannyServer {
  readonly address: string;
  /** Exit code for the command that hosts it. */
  readonly ended: Promise<number>;
  /** Process id of the worker, while there is one. */
  readonly workerPid: number | undefined;
  /** Lets the worker finish or hand over within this time, then ends. */
  leave(graceMs: number): void;
}

export async function startNanny(options: NannyServerOptions): Promise<NannyServer> {
  const nanny = new Nanny(options);
  await nanny.start();
  return nanny;
}

class Nanny implements NannyServer {
  readonly ended: Promise<number>;
  readonly #options: NannyServerOptions;
  readonly #logger: Logger;
  readonly #loop: TurnLoop<NannyEvent, NannyOutbox>;
  readonly #replies = new ParkedReplies();
  readonly #over = new AbortController();
  #listener!: Listener;
  #child!: Child;
  #end!: (code: number) => void;

  constructor(options: NannyServerOptions) {
    this.#options = options;
    this.#logger = makeLogger(`${options.worker.name}-nanny`, options.worker.logLevel);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const state = newNannyState({ memoryLimitBytes: options.worker.memoryLimitBytes });
    this.#loop = new TurnLoop({
      step: (events, nowMs) => {
        const out = newNannyOutbox();
        step(state, events, nowMs, out);
        return out;
      },
      act: (out) => this.#act(out),
      onCrash: (error) => {
        this.#child.signal("SIGKILL");
        throw error;
      },
    });
  }

  get address(): string {
    return this.#listener.address;
  }

  get workerPid(): number | undefined {
    return this.#child.pid;
  }

  leave(graceMs: number): void {
    this.#loop.post({ type: "leave", graceMs });
  }

  async start(): Promise<void> {
    const { security, entry, worker } = this.#options;
    const onLog = (entry: Parameters<typeof logComm>[1]) => logComm(this.#logger, entry);
    const handlers = this.#handlers();
    this.#listener = await listen(this.#options.listen, {
      security,
      onLog,
      onConnection: (connection) => void serve(connection, handlers, { onLog }),
    });
    this.#child = new Child({
      entry,
      options: { ...worker, nanny: this.#listener.address },
      onEvent: (event) => this.#loop.post(event),
      onMessage: (message) => this.#hear(message),
    });
    void this.#sayHello();
    void this.#watchMemory();
    this.#loop.wake();
  }

  #handlers(): Map<string, RpcHandler> {
    const handle: RpcHandler = (fields: WireMap) => this.#request(fields);
    return new Map(nannyRequest.ops.map((op) => [op, handle]));
  }

  async #request(fields: WireMap): Promise<RpcReply> {
    const request = nannyRequest.read(fields);
    if (request.op === null) throw new WireFormatError(`unknown op ${request.name}`);
    if (request.op === "identity")
      return { type: "Nanny", id: this.address, address: this.address };
    if (request.op === "get_logs") return [];
    const requestId = this.#replies.next();
    this.#loop.post({ type: "request", requestId, request });
    return (await this.#replies.wait(requestId)) as RpcReply;
  }

  #hear(message: FromWorkerProcess): void {
    if (message.type === "registered") this.#loop.post({ type: "registered" });
    else {
      this.#logger.error(`${message.reason}; the worker process is ended`);
      this.#child.signal("SIGKILL");
    }
  }

  #act(out: NannyOutbox): void {
    for (const { level, message, fields } of out.log) this.#logger[level](fields ?? {}, message);
    if (out.start !== null) this.#child.start();
    for (const signal of out.signals) this.#child.signal(signal);
    for (const reply of out.replies) this.#replies.answer(reply);
    if (out.exit !== null) void this.#leaveFor(out.exit.code);
  }

  async #leaveFor(code: number): Promise<void> {
    this.#loop.stop();
    this.#over.abort();
    await this.#listener.close();
    this.#end(code);
  }

  async #watchMemory(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const { pid } = this.#child;
      if (pid !== undefined) {
        this.#loop.post({ type: "memory", treeBytes: await treeMemoryBytes(pid) });
      }
      await sleep(memoryProbeMs, undefined, { ref: false });
    }
  }

  /** dask's hello: the scheduler then knows a nanny lives here. */
  async #sayHello(): Promise<void> {
    while (!this.#over.signal.aborted) {
      let connection: Connection | undefined;
      try {
        const { scheduler } = this.#options.worker;
        const { security } = this.#options;
        connection = await connect(scheduler, { security, timeoutMs: helloTimeoutMs });
        connection.send({ op: "register_nanny", address: this.address, reply: true });
        await connection.read();
        connection.send({ status: "ok" });
        await connection.close({ reason: "the nanny said hello" });
        return;
      } catch (error) {
        connection?.abort("hello failed");
        if (!isAcmeError(error)) throw error;
        await sleep(helloRetryMs, undefined, { ref: false });
      }
    }
  }
}
