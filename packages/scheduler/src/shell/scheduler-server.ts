// A running scheduler: listeners, streams and requests around one core. Uses no signals, no
// process exit and no environment, because it may live in a thread of someone else's process.
import { randomBytes, randomUUID } from "node:crypto";
import {
  type CommLogEntry,
  type Connection,
  type Listener,
  limitRate,
  listen,
  ParkedReplies,
  RpcError,
  RpcPool,
  type Security,
  serve,
  TurnLoop,
} from "@acme/comm";
import {
  type LogEntry,
  newOutbox,
  newState,
  type Outbox,
  type SchedulerEvent,
  type SchedulerOptions,
  type SchedulerState,
  step,
  validate,
  view,
} from "../core/index.js";
import { Errands } from "./errands.js";
import { Feeds } from "./feed.js";
import type { ForeignGraphs, MakeForeignGraphs } from "./foreign-graphs.js";
import { type HttpServer, serveHttp } from "./http.js";
import { httpPages } from "./http-pages.js";
import { watchIdleness } from "./idle-watch.js";
import { Links } from "./links.js";
import { type Logger, type LogLevel, logComm, logCore, makeLogger } from "./log.js";
import { StartingNannies } from "./nannies.js";
import { errorEncoder } from "./python-errors.js";
import type { PythonPickles } from "./python-side.js";
import { whyUnreachable } from "./reach.js";
import { requestHandlers } from "./requests.js";
import { Scattered } from "./scattered.js";
import type { ShellContext } from "./shell-context.js";
import { Uploads } from "./uploads.js";
import { ownVersions } from "./versions.js";
import { WorkerWatch } from "./worker-watch.js";

/** How to run a scheduler; plain data, so that it can be handed to a thread. */
export interface SchedulerServerOptions {
  /** Addresses to listen on, such as `"tcp://127.0.0.1:0"`; the first is the one advertised. */
  listen?: readonly string[] | undefined;
  security?: Security | undefined;
  /** `host:port` of the HTTP server; null, the default: none. */
  httpAddress?: string | null | undefined;
  /** Opens all pages but `/health`; default: a random one, see {@link SchedulerServer}. */
  httpToken?: string | undefined;
  logLevel?: LogLevel | undefined;
  /** Check the whole state after every step; slow. */
  validate?: boolean | undefined;
  /** Stop when nothing happened for this long; null or 0: never. */
  idleTimeoutMs?: number | null | undefined;
  core?: Partial<SchedulerOptions> | undefined;
  /**
   * Python that unfolds the graphs of Python clients, in a process beside the scheduler: a path or
   * command. Default: `python3`, and only while no Python worker is connected. null: none.
   */
  python?: string | null | undefined;
}

/** What is put into a scheduler by who starts it; no data, so it cannot cross to a thread. */
export interface SchedulerParts {
  /** Unfolds the graphs of Python clients; without it they are refused. */
  readonly foreignGraphs?: MakeForeignGraphs | undefined;
  /** Reads and writes the few pickles that a scheduler has to do with. */
  readonly pickles?: PythonPickles | undefined;
}

/** Why a scheduler ended. */
export interface SchedulerEnd {
  reason: string;
  /** Set when it ended because of a mistake in the program. */
  error?: unknown;
}

/** A scheduler that listens. */
export interface SchedulerServer {
  readonly id: string;
  /** Where workers and clients connect. */
  readonly address: string;
  readonly addresses: readonly string[];
  /** Port of the HTTP server (`/health`, `/status`, `/metrics`), or null. */
  readonly httpPort: number | null;
  /** What opens its pages; secret. */
  readonly httpToken: string;
  /** Resolves when it has ended, whoever asked for it. */
  readonly ended: Promise<SchedulerEnd>;
  close(reason?: string): Promise<void>;
}

/**
 * Starts a scheduler in this thread.
 *
 * @param options - addresses, security, limits of the core
 * @param parts - what not every scheduler has
 * @throws ListenError if an address cannot be listened on
 * @example
 * ```ts
 * const scheduler = await startScheduler({ listen: ["tcp://127.0.0.1:0"] });
 * console.error(scheduler.address);
 * await scheduler.close();
 * ```
 */
export async function startScheduler(
  options: SchedulerServerOptions = {},
  parts: SchedulerParts = {},
): Promise<SchedulerServer> {
  const server = new RunningScheduler(options, parts);
  try {
    await server.start();
  } catch (error) {
    // Whatever was opened before would keep the process alive.
    await server.close("the scheduler could not start");
    throw error;
  }
  return server;
}

class RunningScheduler implements SchedulerServer {
  readonly id = `Scheduler-${randomUUID()}`;
  readonly httpToken: string;
  readonly ended: Promise<SchedulerEnd>;
  readonly #options: SchedulerServerOptions;
  readonly #pickles: PythonPickles | undefined;
  readonly #logger: Logger;
  readonly #state: SchedulerState;
  readonly #loop: TurnLoop<SchedulerEvent, Outbox>;
  readonly #links: Links;
  readonly #pool: RpcPool;
  readonly #replies = new ParkedReplies();
  readonly #scattered: Scattered;
  readonly #foreign: ForeignGraphs | undefined;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<Connection>();
  readonly #onLog = limitRate<CommLogEntry>({
    write: (entry) => {
      // At the end all that waits is refused, which is no news.
      const isExpected = this.#closing !== undefined && entry.event === "request-failed";
      if (!isExpected) logComm(this.#logger, entry);
    },
    sumUp: (event, message) => this.#logger.warn({ event }, message),
  });
  /** What peers can cause as often as they like is limited too; who comes and goes is not. */
  readonly #warn = limitRate<LogEntry>({
    write: (entry) => logCore(this.#logger, entry),
    sumUp: (event, message) => this.#logger.warn({ event }, message),
  });
  readonly #feeds: Feeds;
  readonly #workerWatch: WorkerWatch;
  readonly #uploads = new Uploads();
  #http: HttpServer | undefined;
  #end!: (end: SchedulerEnd) => void;
  #closing: Promise<void> | undefined;
  #unwatch: () => void = () => {};
  readonly #errands: Errands;

  constructor(options: SchedulerServerOptions, { foreignGraphs, pickles }: SchedulerParts) {
    this.#options = options;
    this.#pickles = pickles;
    this.httpToken = options.httpToken ?? randomBytes(32).toString("base64url");
    this.#logger = makeLogger(options.logLevel ?? "info");
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const startedMs = performance.timeOrigin + performance.now();
    const versions = ownVersions();
    this.#pool = new RpcPool({ security: options.security });
    this.#foreign = foreignGraphs?.({
      pool: this.#pool,
      uploads: this.#uploads,
    });
    const workerPlugins = this.#foreign?.workerPlugins ?? new Map();
    const python = this.#foreign?.settings ?? null;
    const own = { id: this.id, startedMs, versions, workerPlugins, python };
    this.#state = newState({ ...own, ...options.core });
    this.#workerWatch = new WorkerWatch(this.#state, () => this.#whereabouts());
    this.#loop = new TurnLoop({
      step: (events, nowMs) => this.#step(events, nowMs),
      act: (out) => this.#send(out),
      onCrash: (error) => this.#crash(error),
    });
    const post = (event: SchedulerEvent) => this.#loop.post(event);
    this.#links = new Links({
      post,
      onLog: this.#onLog,
      onGraph: (message) => {
        const unfolded = message.graph === undefined ? this.#foreign?.quick(message) : null;
        if (unfolded != null) message.unfolded = unfolded;
      },
      exceptionOf: (fields) => this.#foreign?.exception(fields),
      onPeerGone: (address) => this.#pool.forget(address),
    });
    this.#scattered = new Scattered(this.#pool, post);
    this.#errands = new Errands(this.#foreign, post);
    this.#feeds = new Feeds(post);
  }

  get address(): string {
    return this.#listeners[0]!.address;
  }

  get addresses(): readonly string[] {
    return this.#listeners.flatMap((listener) => listener.addresses);
  }

  get httpPort(): number | null {
    return this.#http?.port ?? null;
  }

  async start(): Promise<void> {
    const handlers = requestHandlers(this.#context());
    const onLog = this.#onLog;
    const encodeError = errorEncoder(this.#pickles);
    const onConnection = (connection: Connection) => {
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
      void serve(connection, handlers, { onLog, encodeError });
    };
    const { security } = this.#options;
    for (const address of this.#options.listen ?? ["tcp://127.0.0.1:0"]) {
      this.#listeners.push(await listen(address, { security, onLog, onConnection }));
    }
    await this.#startHttp();
    this.#watchIdleness();
    this.#loop.wake();
    this.#logger.info({ addresses: this.addresses, id: this.id }, "scheduler listens");
  }

  close(reason = "the scheduler was closed"): Promise<void> {
    this.#closing ??= this.#shutDown({ reason });
    return this.#closing;
  }

  #context(): ShellContext {
    return {
      nannies: new StartingNannies(),
      workerWatch: this.#workerWatch,
      feeds: this.#feeds,
      uploads: this.#uploads,
      pickles: this.#pickles,
      state: this.#state,
      links: this.#links,
      replies: this.#replies,
      scattered: this.#scattered,
      pool: this.#pool,
      post: (event) => this.#loop.post(event),
      whereabouts: () => this.#whereabouts(),
      stop: (reason) => void this.close(reason),
      exceptionOf: (fields) => this.#foreign?.exception(fields),
    };
  }

  #whereabouts(): view.Whereabouts {
    const services = this.#http === undefined ? {} : { dashboard: this.#http.port };
    return { address: this.address, services };
  }

  async #startHttp(): Promise<void> {
    const address = this.#options.httpAddress ?? null;
    if (address === null) return;
    this.#http = await serveHttp({
      address,
      token: this.httpToken,
      pages: httpPages({ id: this.id, state: this.#state, counters: this.#loop.counters }),
      onWarning: (message) => this.#logger.warn(message),
    });
  }

  #step(events: readonly SchedulerEvent[], nowMs: number): Outbox {
    const out = newOutbox();
    step(this.#state, events, nowMs, out);
    if (this.#options.validate) validate(this.#state);
    return out;
  }

  /** A registration's reply opens its link, so replies come first. */
  #send(out: Outbox): void {
    for (const reply of out.replies) this.#replies.answer(reply);
    this.#links.sendAll(out.links);
    this.#workerWatch.tell();
    for (const { link, reason } of out.close) this.#links.close(link, reason);
    for (const transfer of out.transfers) void this.#scattered.carryOut(transfer);
    for (const call of out.calls) void this.#call(call);
    for (const probe of out.probes) void this.#probe(probe);
    for (const errandId of out.abandoned) this.#errands.abandon(errandId);
    for (const errand of out.errands) void this.#errands.carryOut(errand);
    this.#feeds.tell(out.progress);
    if (out.asksHelper) void this.#errands.askHelper();
    for (const entry of out.log) {
      if (entry.level === "warn") this.#warn(entry);
      else logCore(this.#logger, entry);
    }
  }

  async #call({ callId, address, request, timeoutMs }: Outbox["calls"][number]): Promise<void> {
    try {
      const reply = await this.#pool.call(address, request, { timeoutMs });
      this.#loop.post({ type: "call-done", callId, reply });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const answered = error instanceof RpcError;
      this.#loop.post({ type: "call-failed", callId, message, answered });
    }
  }

  async #probe({ link, address }: Outbox["probes"][number]): Promise<void> {
    const reason = await whyUnreachable(address);
    if (reason !== null) this.#loop.post({ type: "worker-unreachable", link, reason });
  }

  #watchIdleness(): void {
    const idleTimeoutMs = this.#options.idleTimeoutMs ?? 0;
    if (idleTimeoutMs === 0) return;
    this.#unwatch = watchIdleness({
      idleTimeoutMs,
      activity: () => this.#state.counters.transitions,
      hasWork: () => view.hasWork(this.#state),
      onIdle: () => void this.close(`nothing happened for ${idleTimeoutMs / 1000} s`),
    });
  }

  #crash(error: unknown): void {
    this.#logger.fatal({ err: error }, "the scheduler made a mistake and ends");
    this.#closing ??= this.#shutDown({ reason: "the scheduler made a mistake", error });
  }

  /** Peers of a scheduler that made a mistake wait for another; else they end with it. */
  async #shutDown(end: SchedulerEnd): Promise<void> {
    this.#unwatch();
    this.#errands.close();
    this.#loop.stop();
    this.#replies.rejectAll(end.reason);
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    if (end.error === undefined) this.#links.dismissAll(end.reason);
    const { reason } = end;
    await Promise.all([...this.#connections].map((connection) => connection.close({ reason })));
    await this.#pool.close();
    await this.#http?.close();
    await this.#foreign?.close();
    this.#logger.info({ reason }, "scheduler ended");
    this.#end(end);
  }
}
