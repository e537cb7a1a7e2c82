// A running worker: its core, executors, store, connection to the scheduler and server for peers.
// Carries out outboxes and posts events; decides nothing. Uses no signals and no process exit.
import { randomUUID } from "node:crypto";
import {
  type CommLogEntry,
  type Connection,
  type Listener,
  limitRate,
  ParkedReplies,
  RpcPool,
  serve,
  TurnLoop,
} from "@acme/comm";
import { isAcmeError, workerAddress } from "@acme/protocol";
import {
  type Left,
  newOutbox,
  newState,
  type Outbox,
  step,
  validate,
  view,
  type WorkerEvent,
  type WorkerState,
} from "../core/index.js";
import { exitCodes } from "../core/limits.js";
import { Executors, GarbageWatch, Translator } from "../exec/index.js";
import { ValueStore } from "../store/value-store.js";
import { contactAddress } from "./contact-address.js";
import { fetchValues } from "./fetch.js";
import { shellLimits } from "./limits.js";
import { listenSomewhere } from "./listen-somewhere.js";
import { type Logger, logComm, logCore, makeLogger } from "./log.js";
import { PeerServer } from "./peer-server.js";
import { identityOf, registrationOf, resourcesOf, type Self } from "./registration.js";
import { SchedulerLink } from "./scheduler-link.js";
import { allocateShared } from "./shared-memory.js";
import { workerVersions } from "./versions.js";
import { claimWorkFolder } from "./work-folder.js";
import type { WorkerServerOptions } from "./worker-options.js";

/** Why a worker ended; `exitCode` 0 means that it was asked to. */
export type WorkerEnd = Pick<Left, "exitCode" | "message">;

/** A worker that is registered with its scheduler. */
export interface WorkerServer {
  readonly address: string;
  readonly name: string;
  readonly ended: Promise<WorkerEnd>;
  /** Finishes or hands over what it has within this time, then ends. */
  leave(graceMs: number, reason: string): void;
}

export interface WorkerHooks {
  /** An executor hangs in native code: only the end of the process helps. */
  onStuck?: ((reason: string) => void) | undefined;
  /** After each registration: the first, and those after the connection was lost. */
  onRegistered?: (() => void) | undefined;
  /** Ends a worker that is still waiting for its scheduler; `startWorker` rejects then. */
  signal?: AbortSignal | undefined;
}

/**
 * Starts a worker in this process and registers it. Waits for a scheduler that is not there yet.
 *
 * @throws SchedulerLostError after the death timeout, RegistrationError if the scheduler refuses,
 *   ListenError, WorkFolderError, ConnectError if the signal ended it. Nothing stays open then
 * @example
 * ```ts
 * const worker = await startWorker(options);
 * process.once("SIGTERM", () => worker.leave(10_000, "SIGTERM"));
 * await worker.ended;
 * ```
 */
export async function startWorker(
  options: WorkerServerOptions,
  hooks: WorkerHooks = {},
): Promise<WorkerServer> {
  const worker = new RunningWorker(options, hooks);
  try {
    await worker.start();
  } catch (error) {
    await worker.giveUp(error);
    throw error;
  }
  return worker;
}

class RunningWorker implements WorkerServer {
  readonly name: string;
  readonly ended: Promise<WorkerEnd>;
  readonly #options: WorkerServerOptions;
  readonly #hooks: WorkerHooks;
  readonly #serverId = `Worker-${randomUUID()}`;
  readonly #logger: Logger;
  readonly #pool: RpcPool;
  readonly #garbage: GarbageWatch;
  readonly #translator: Translator;
  readonly #replies = new ParkedReplies();
  readonly #connections = new Set<Connection>();
  #self!: Self;
  #state!: WorkerState;
  #loop!: TurnLoop<WorkerEvent, Outbox>;
  #listener: Listener | undefined;
  #executors!: Executors;
  #store!: ValueStore;
  #peers!: PeerServer;
  #link!: SchedulerLink;
  #memoryProbe: NodeJS.Timeout | undefined;
  /** What a scheduler of dask's compares. */
  #comparedPackages: unknown;
  #end!: (end: WorkerEnd) => void;
  #ending = false;

  constructor(options: WorkerServerOptions, hooks: WorkerHooks) {
    this.name = options.name;
    this.#options = options;
    this.#hooks = hooks;
    this.#logger = makeLogger(options.name, options.logLevel);
    this.#pool = new RpcPool({ security: options.security, allocate: allocateShared });
    this.#garbage = new GarbageWatch(options.memoryLimitBytes ?? undefined);
    this.#translator = new Translator({
      memoryLimitBytes: options.memoryLimitBytes ?? undefined,
      logger: this.#logger,
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get address(): string {
    return this.#self.address;
  }

  leave(graceMs: number, reason: string): void {
    this.#post({ type: "leave", graceMs, reason });
  }

  async start(): Promise<void> {
    const workFolder = claimWorkFolder(this.#options.localDirectory, "worker");
    const listening = await this.#listen();
    const address = contactAddress(this.#options.contactAddress, listening);
    this.#self = { options: this.#options, serverId: this.#serverId, address, workFolder };
    this.#makeRooms();
    const stop = () => void this.#link.close("the worker was stopped");
    this.#hooks.signal?.addEventListener("abort", stop, { once: true });
    if (this.#hooks.signal?.aborted) stop();
    await this.#link.start();
    this.#hooks.signal?.removeEventListener("abort", stop);
    this.#memoryProbe = setInterval(() => this.#measureMemory(), shellLimits.memoryProbeMs);
    this.#logger.info({ address: this.address, scheduler: this.#options.scheduler }, "registered");
  }

  /** The start failed: closes what was opened. */
  giveUp(error: unknown): Promise<void> {
    return this.#shutDown({ exitCode: exitCodes.mistake, message: String(error) });
  }

  readonly #post = (event: WorkerEvent): void => this.#loop.post(event);

  #measureMemory(): void {
    this.#post({ type: "memory", processBytes: process.memoryUsage.rss() });
  }

  async #listen(): Promise<string> {
    const { security, listen: address } = this.#options;
    const onLog = limitRate<CommLogEntry>({
      write: (entry) => logComm(this.#logger, entry),
      sumUp: (event, message) => this.#logger.warn({ event }, message),
    });
    this.#peers = new PeerServer({
      replies: this.#replies,
      onEvent: this.#post,
      forPython: (values) => this.#translator.forPython(values),
      offer: (requestId, values) => this.#store.offer("request", requestId, values),
      identity: () => identityOf(this.#self),
      versions: () => workerVersions(this.#comparedPackages),
      keys: () => view.heldKeys(this.#state),
      story: (keys) => view.story(this.#state, new Set(keys)),
    });
    const handlers = this.#peers.handlers();
    this.#listener = await listenSomewhere(address, {
      security,
      allocate: allocateShared,
      onLog,
      onConnection: (connection) => {
        this.#connections.add(connection);
        void connection.closed.then(() => this.#connections.delete(connection));
        void serve(connection, handlers, { onLog });
      },
    });
    return this.#listener.address;
  }

  #makeRooms(): void {
    const { nthreads, memoryLimitBytes, deathTimeoutMs } = this.#options;
    const { address, workFolder } = this.#self;
    this.#state = newState({
      address: workerAddress(address),
      serverId: this.#serverId,
      nthreads,
      memoryLimitBytes,
      resources: resourcesOf(this.#options),
      limits: deathTimeoutMs == null ? {} : { reconnectMs: deathTimeoutMs },
    });
    this.#loop = new TurnLoop({
      step: (events, nowMs) => this.#step(events, nowMs),
      act: (out, events) => this.#act(out, events),
      onCrash: (error) => this.#crash(error),
    });
    this.#executors = new Executors({
      nthreads,
      inputs: (key) => this.#store.get(key),
      onEvent: this.#post,
      memoryLimitBytes: memoryLimitBytes ?? undefined,
      workerAddress: address,
      gpus: this.#options.gpus,
      onStuck: ({ message }) => this.#hooks.onStuck?.(message),
      logger: this.#logger,
    });
    this.#store = new ValueStore({
      spillFolder: workFolder,
      takeResult: (orderId) => this.#executors.takeResult(orderId),
      onEvent: this.#post,
      serve: (requestId, values) => this.#peers.serve(requestId, values),
      onMoved: (bytes) => {
        if (this.#garbage.moved(bytes)) this.#measureMemory();
      },
      onProblem: (error) => this.#logger.error({ err: error }, error.message),
    });
    this.#link = this.#makeLink();
  }

  #makeLink(): SchedulerLink {
    return new SchedulerLink({
      address: this.#options.scheduler,
      security: this.#options.security,
      allocate: allocateShared,
      deathTimeoutMs: this.#options.deathTimeoutMs ?? null,
      registration: (scheduler) => {
        this.#comparedPackages = scheduler.packages;
        return registrationOf(this.#self, this.#state, scheduler);
      },
      onEvent: (event) => this.#hear(event),
      onRegistered: () => this.#hooks.onRegistered?.(),
      onLog: (entry) => logComm(this.#logger, entry),
      onRefused: ({ message }) => {
        this.#logger.error(message);
        void this.#shutDown({ exitCode: exitCodes.refused, message });
      },
    });
  }

  /** A fetch from a peer that is gone need not wait for its time to be up. */
  #hear(event: WorkerEvent): void {
    if (event.type === "scheduler-messages") {
      for (const message of event.messages) {
        if (message.op === "remove-worker") this.#pool.forget(message.worker);
      }
    }
    this.#post(event);
  }

  #step(events: readonly WorkerEvent[], nowMs: number): Outbox {
    const out = newOutbox();
    step(this.#state, events, nowMs, out);
    if (this.#options.validate) validate(this.#state);
    return out;
  }

  /** The store first: what is executed or sent must find its values there. */
  #act(out: Outbox, events: readonly WorkerEvent[]): void {
    for (const entry of out.log) logCore(this.#logger, entry);
    this.#store.apply(out.store);
    this.#executors.apply(out.exec);
    this.#link.send(out.toScheduler, out.exec.length > 0);
    for (const reply of out.replies) this.#replies.answer(reply);
    for (const order of out.fetch) void this.#fetch(order);
    for (const call of out.calls) void this.#heartbeat(call);
    this.#forgetUnkept(events);
    if (out.collectGarbage) {
      this.#garbage.collect();
      this.#executors.collectGarbage();
    }
    if (out.reconnect) this.#link.reconnect();
    if (out.left !== null) void this.#shutDown(out.left);
  }

  #forgetUnkept(events: readonly WorkerEvent[]): void {
    for (const event of events) {
      if (event.type === "executed") this.#executors.takeResult(event.orderId);
      else if (event.type === "fetched") this.#store.settle("fetch", event.fetchId);
      else if (event.type === "request") this.#store.settle("request", event.requestId);
    }
  }

  #fetch(order: Outbox["fetch"][number]): Promise<void> {
    return fetchValues(order, {
      pool: this.#pool,
      who: this.address,
      offer: (fetchId, values) => this.#store.offer("fetch", fetchId, values),
      onEvent: this.#post,
    });
  }

  async #heartbeat(call: Outbox["calls"][number]): Promise<void> {
    try {
      const options = { timeoutMs: shellLimits.heartbeatTimeoutMs };
      const reply = await this.#pool.call(this.#options.scheduler, call, options);
      const fields = reply instanceof Map ? reply : new Map<unknown, unknown>();
      const seconds = fields.get("heartbeat-interval");
      this.#post({
        type: "heartbeat-answered",
        status: fields.get("status") === "missing" ? "missing" : "OK",
        heartbeatIntervalMs: typeof seconds === "number" ? seconds * 1000 : undefined,
      });
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#post({ type: "heartbeat-answered", status: "failed" });
    }
  }

  #crash(error: unknown): void {
    this.#logger.fatal({ err: error }, "the worker made a mistake and ends");
    void this.#shutDown({ exitCode: exitCodes.mistake, message: "the worker made a mistake" });
  }

  async #shutDown({ exitCode, message }: WorkerEnd): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    clearInterval(this.#memoryProbe);
    this.#replies.rejectAll(message);
    this.#loop?.stop();
    await this.#link?.close(message);
    await this.#listener?.close();
    const closing = [...this.#connections].map((peer) => peer.close({ reason: message }));
    await Promise.all([...closing, this.#pool.close()]);
    await this.#executors?.close({ graceMs: shellLimits.closeExecutorsMs });
    await this.#store?.close();
    await this.#translator.close();
    this.#end({ exitCode, message });
  }
}
