// A nanny: one address, one worker process that it starts, watches and restarts. Its small core
// decides; here are only the process, the requests and the clock.
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CommLogEntry,
  type Connection,
  connect,
  type Listener,
  limitRate,
  ParkedReplies,
  type RpcHandler,
  type RpcReply,
  type Security,
  serve,
  TurnLoop,
} from "@acme/comm";
import { isAcmeError, nannyRequest, WireFormatError, type WireMap } from "@acme/protocol";
import { listenSomewhere } from "../../shell/listen-somewhere.js";
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
import { ProcessTree } from "./process-tree.js";

export interface NannyServerOptions {
  /** Options of the worker; its `nanny` is filled in here. */
  worker: WorkerServerOptions;
  security?: Security | undefined;
  /** Where to listen for the scheduler's requests; of several, the first free address. */
  listen: string | readonly string[];
  /** The file that a worker process runs. */
  entry: string;
  /** A process of that file that was started ahead and waits; see `spawnWorker`. */
  spare?: ChildProcess | undefined;
}

const memoryProbeMs = 200;
/** Only dask's scheduler listens to what a nanny says at first, and a start has better to do. */
const helloDelayMs = 1_000;
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

/**
 * Starts a nanny, and with it its worker, in a process of its own. The worker may still be looking
 * for its scheduler when this resolves.
 *
 * @throws ListenError
 */
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
  readonly #connections = new Set<Connection>();
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
    const { security, entry, spare, worker } = this.#options;
    const onLog = limitRate<CommLogEntry>({
      write: (entry) => logComm(this.#logger, entry),
      sumUp: (event, message) => this.#logger.warn({ event }, message),
    });
    const handlers = this.#handlers();
    this.#listener = await listenSomewhere(this.#options.listen, {
      security,
      onLog,
      onConnection: (connection) => {
        this.#connections.add(connection);
        void connection.closed.then(() => this.#connections.delete(connection));
        void serve(connection, handlers, { onLog });
      },
    });
    this.#child = new Child({
      entry,
      spare,
      options: { ...worker, nanny: this.#listener.address },
      onEvent: (event) => this.#loop.post(event),
      onMessage: (message) => this.#hear(message),
    });
    void this.#sayHello();
    if (worker.memoryLimitBytes !== null) void this.#watchMemory();
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
    for (const pid of out.killDescendants) this.#child.endForMemory(pid);
    for (const reply of out.replies) this.#replies.answer(reply);
    if (out.exit !== null) void this.#leaveFor(out.exit.code);
  }

  async #leaveFor(code: number): Promise<void> {
    this.#loop.stop();
    this.#over.abort();
    this.#replies.rejectAll("the nanny ends");
    await this.#listener.close();
    const reason = "the nanny ends";
    await Promise.all([...this.#connections].map((connection) => connection.close({ reason })));
    this.#end(code);
  }

  async #watchMemory(): Promise<void> {
    let watched: { pid: number; tree: ProcessTree } | undefined;
    while (!this.#over.signal.aborted) {
      const { pid } = this.#child;
      if (pid !== undefined) {
        if (watched?.pid !== pid) watched = { pid, tree: new ProcessTree(pid) };
        const measured = await watched.tree.measure();
        // Not of a process that ended meanwhile: its successor would be blamed.
        if (this.#child.pid === pid) this.#loop.post({ type: "memory", ...measured });
      }
      await sleep(memoryProbeMs, undefined, { ref: false });
    }
  }

  /** dask's hello: the scheduler then knows a nanny lives here. */
  async #sayHello(): Promise<void> {
    await sleep(helloDelayMs, undefined, { ref: false });
    while (!this.#over.signal.aborted) {
      let connection: Connection | undefined;
      try {
        const { scheduler } = this.#options.worker;
        const { security } = this.#options;
        const { signal } = this.#over;
        connection = await connect(scheduler, { security, signal, timeoutMs: helloTimeoutMs });
        const hello = connection;
        const stop = setTimeout(() => hello.abort("no answer"), helloTimeoutMs).unref();
        signal.addEventListener("abort", () => hello.abort("the nanny ends"), { once: true });
        connection.send({ op: "register_nanny", address: this.address, reply: true });
        await connection.read();
        clearTimeout(stop);
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
