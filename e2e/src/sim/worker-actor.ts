// One simulated worker process: the real core, fake executors and store, a connection to the
// scheduler and a server for peers. Stands for the worker's shell and carries outboxes out alike.
import {
  type SchedulerToWorker,
  Serialized,
  schedulerToWorker,
  type TaskKey,
  taskKey,
  type WireMap,
  type WireValue,
  wireKey,
  workerAddress,
  workerRequest,
} from "@acme/protocol";
import {
  newOutbox,
  newState,
  type Outbox,
  step,
  validate,
  view,
  type WorkerEvent,
  type WorkerState,
} from "@acme/worker/core";
import { CoreLoop } from "./core-loop.js";
import { countEdges } from "./coverage.js";
import { FakeExecutors } from "./fake-executors.js";
import { FakeStore } from "./fake-store.js";
import type { IncomingCall, Socket } from "./network.js";
import { call } from "./rpc.js";
import { SimProcess } from "./sim-process.js";
import type { World } from "./world.js";

export interface WorkerSetup {
  name: string;
  address: string;
  serverId: string;
  nthreads: number;
  memoryLimitBytes: number | null;
  resources: ReadonlyMap<string, number>;
  nanny: string | null;
  skewMs: number;
}

/** What the environment does to a worker; the site owns it, so that it outlives processes. */
export interface WorkerConditions {
  diskFull: boolean;
  /** Memory that something else in the process takes. */
  foreignBytes: number;
}

const schedulerAddress = "tcp://10.0.0.1:8786";
const fetchTimeoutMs = 5_000;
const heartbeatTimeoutMs = 5_000;
const registerTimeoutMs = 5_000;
const memoryProbeMs = 200;

export class WorkerActor {
  readonly setup: WorkerSetup;
  readonly process: SimProcess;
  readonly state: WorkerState;
  readonly store: FakeStore;
  readonly executors: FakeExecutors;
  readonly #world: World;
  readonly #conditions: WorkerConditions;
  readonly #loop: CoreLoop<WorkerEvent, Outbox>;
  readonly #calls = new Map<number, IncomingCall>();
  readonly #onExit: (code: number | null) => void;
  #onRegistered: () => void = () => {};
  #socket: Socket | null = null;
  #link = 0;
  #pauseMs = 100;
  #lastRequest = 0;
  #lastBytes = 0;
  #storyRead = 0;

  constructor(
    world: World,
    setup: WorkerSetup,
    conditions: WorkerConditions,
    hooks: { onExit: (code: number | null) => void; onRegistered?: () => void },
  ) {
    this.#world = world;
    this.setup = setup;
    this.#conditions = conditions;
    this.#onExit = hooks.onExit;
    if (hooks.onRegistered) this.#onRegistered = hooks.onRegistered;
    this.process = new SimProcess(setup.serverId, world.clock, setup.skewMs);
    this.state = newState({
      address: workerAddress(setup.address),
      serverId: setup.serverId,
      nthreads: setup.nthreads,
      memoryLimitBytes: setup.memoryLimitBytes,
      resources: setup.resources,
      limits: world.plan.workerLimits,
    });
    this.#loop = new CoreLoop(this.process, world.random, {
      step: (events, nowMs) => this.#step(events, nowMs),
      act: (out, events) => this.#act(out, events),
    });
    const post = (event: WorkerEvent) => this.#loop.post(event);
    const { process } = this;
    const { random, catalogue } = world;
    this.executors = new FakeExecutors({
      process,
      random,
      catalogue,
      nthreads: setup.nthreads,
      names: [setup.name, setup.address, setup.address.split(/[/:]+/)[1] as string],
      resources: setup.resources,
      durationFactors: world.plan.temper.durationFactors,
      inputs: (key) => this.store.get(key),
      onEvent: post,
      onCrash: () => this.die(),
    });
    this.store = new FakeStore({
      process,
      random,
      takeResult: (orderId) => this.executors.takeResult(orderId),
      onEvent: post,
      serve: (requestId, values) => this.#serve(requestId, values),
      isDiskFull: () => this.#conditions.diskFull,
    });
    this.#listen();
    this.#register();
    if (setup.memoryLimitBytes !== null) this.#probeMemory();
  }

  /** What runs here although nobody wants it from here any more. */
  get unwantedRuns(): TaskKey[] {
    const tasks = [...this.state.tasks.values()];
    return tasks.flatMap(({ state, order, key }) =>
      state === "cancelled" && order !== null && !order.aborted ? [key] : [],
    );
  }

  get isRegistered(): boolean {
    return this.process.isAlive && this.#socket?.isOpen === true;
  }

  leave(graceMs: number): void {
    this.process.do(() => this.#loop.post({ type: "leave", graceMs, reason: "SIGTERM" }));
  }

  /** kill -9, or a crash. */
  die(): void {
    this.#exit(null);
  }

  #exit(code: number | null): void {
    if (!this.process.isAlive) return;
    this.#world.trace.line(this.process.name, () => `exits with ${code}`);
    this.#loop.stop();
    this.process.kill();
    this.#onExit(code);
  }

  #step(events: readonly WorkerEvent[], nowMs: number): Outbox {
    const out = newOutbox();
    step(this.state, events, nowMs, out);
    this.#storyRead = countEdges(this.#world.coverage.worker, this.state.story, this.#storyRead);
    if (this.#world.isTimeToValidate()) validate(this.state);
    return out;
  }

  #act(out: Outbox, events: readonly WorkerEvent[]): void {
    this.store.apply(out.store);
    this.executors.apply(out.exec);
    this.#socket?.sendBatch(out.toScheduler);
    for (const { requestId, reply } of out.replies) this.#answer(requestId, reply as WireValue);
    for (const order of out.fetch) this.#fetch(order);
    for (const heartbeat of out.calls) this.#heartbeat(heartbeat);
    for (const event of events) {
      if (event.type === "executed") this.executors.takeResult(event.orderId);
      else if (event.type === "fetched") this.store.settle("fetch", event.fetchId);
      else if (event.type === "request") this.store.settle("request", event.requestId);
    }
    if (out.reconnect) this.#reconnect();
    if (out.left === null) return;
    this.#socket?.close("the worker left");
    this.#socket = null;
    this.#exit(out.left.exitCode);
  }

  // ---- scheduler

  #reconnect(): void {
    const socket = this.#socket;
    if (socket === null) return;
    socket.close("the worker registers anew");
    this.#lost(this.#link, "the worker registers anew");
  }

  #register(): void {
    let answered = false;
    const socketOf: { socket: Socket | null } = { socket: null };
    const giveUp = () => {
      if (answered) return;
      answered = true;
      socketOf.socket?.close("no answer to the registration");
      this.#comeBack();
    };
    const handlers = {
      onMessage: (message: WireValue) => {
        if (answered) return this.#receive(socketOf.socket as Socket, message);
        answered = true;
        this.#registered(socketOf.socket as Socket, message as WireMap);
      },
      onClose: (reason: string) => {
        if (!answered) giveUp();
        else if (socketOf.socket === this.#socket) this.#lost(this.#link, reason);
      },
    };
    this.process.after(registerTimeoutMs, giveUp);
    this.#world.network.connect(this.process, schedulerAddress, handlers, (socket) => {
      socketOf.socket = socket;
      if (socket === null) giveUp();
      else socket.send(this.registration());
    });
  }

  #registered(socket: Socket, reply: WireMap): void {
    if (reply.get("status") !== "OK") {
      socket.close("refused");
      this.#exit(1);
      return;
    }
    this.#link += 1;
    this.#socket = socket;
    this.#pauseMs = 100;
    this.#onRegistered();
    this.#loop.post({
      type: "connected",
      link: this.#link,
      acme: reply.get("acme") === 1,
      heartbeatIntervalMs: (reply.get("heartbeat-interval") as number) * 1_000,
    });
  }

  #lost(link: number, reason: string): void {
    this.#socket = null;
    this.#loop.post({ type: "disconnected", link, reason });
    this.#comeBack();
  }

  #comeBack(): void {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, 5_000);
    this.process.after(pauseMs, () => this.#register());
  }

  #receive(socket: Socket, batch: WireValue): void {
    if (socket !== this.#socket) return;
    const messages = (batch as WireMap[]).map((map) => schedulerToWorker.read(map));
    this.#loop.post({
      type: "scheduler-messages",
      link: this.#link,
      messages: messages as SchedulerToWorker[],
    });
  }

  registration(): object {
    const { name, address, nthreads, resources, memoryLimitBytes, nanny, serverId } = this.setup;
    const { held, running } = view.registration(this.state);
    return {
      op: "register-worker",
      reply: false,
      address,
      status: "init",
      nthreads,
      name,
      now: this.process.nowMs / 1_000,
      resources,
      memory_limit: memoryLimitBytes,
      local_directory: "/nowhere",
      services: {},
      nanny,
      pid: 1,
      versions: {},
      metrics: view.metrics(this.state),
      extra: { lang: "js", acme: 1 },
      stimulus_id: "worker-connect",
      server_id: serverId,
      held,
      running,
    };
  }

  #heartbeat(request: Outbox["calls"][number]): void {
    const done = (reply: WireValue | null) => {
      const fields = reply as WireMap | null;
      const seconds = fields?.get("heartbeat-interval");
      const status =
        fields === null ? "failed" : fields.get("status") === "missing" ? "missing" : "OK";
      this.#loop.post({
        type: "heartbeat-answered",
        status,
        heartbeatIntervalMs: typeof seconds === "number" ? seconds * 1_000 : undefined,
      });
    };
    const options = { timeoutMs: heartbeatTimeoutMs, repeatable: true, done };
    call(this.#world.network, this.process, schedulerAddress, request, options);
  }

  // ---- peers

  #listen(): void {
    this.#world.network.listen(this.setup.address, {
      process: this.process,
      onConnection: (socket) => {
        socket.close("a worker takes requests only");
        return { onMessage: () => {}, onClose: () => {} };
      },
      onRequest: (map, incoming) => this.#onRequest(map, incoming),
    });
  }

  #onRequest(map: WireMap, incoming: IncomingCall): void {
    const request = workerRequest.read(map);
    if (request.op === null) throw new Error(`a worker was asked for ${request.name}`);
    this.#lastRequest += 1;
    const requestId = this.#lastRequest;
    this.#calls.set(requestId, incoming);
    if (request.op === "update_data") {
      const values = new Map<TaskKey, Serialized>();
      for (const [wire, value] of request.data) values.set(taskKey(wire), value as Serialized);
      this.store.offer("request", requestId, values);
    }
    incoming.onGone(() => {
      if (this.#calls.delete(requestId)) this.#loop.post({ type: "request-gone", requestId });
    });
    this.#loop.post({ type: "request", requestId, request });
  }

  #answer(requestId: number, reply: WireValue): void {
    this.#calls.get(requestId)?.reply(reply);
    this.#calls.delete(requestId);
  }

  #serve(requestId: number, values: ReadonlyMap<TaskKey, Serialized>): void {
    const incoming = this.#calls.get(requestId);
    const over = () => this.#loop.post({ type: "served", requestId });
    if (incoming === undefined) {
      this.process.do(over);
      return;
    }
    const data = new Map(Array.from(values, ([key, value]) => [wireKey(key), value] as const));
    this.#answer(requestId, { status: "OK", data } as WireValue);
    incoming.onConfirmed(over);
  }

  #fetch({ fetchId, peer, keys }: Outbox["fetch"][number]): void {
    const request = { op: "get_data", keys: keys.map(wireKey), who: this.setup.address };
    const done = (reply: WireValue | null) => {
      const values = readValues(reply as WireMap | null);
      const arrived = new Map(Array.from(values, ([key, value]) => [key, value.nbytes] as const));
      const outcome = reply === null ? "failed" : statusOf(reply) === "busy" ? "busy" : "ok";
      this.store.offer("fetch", fetchId, values);
      this.#loop.post({ type: "fetched", fetchId, outcome, arrived });
    };
    const options = { timeoutMs: fetchTimeoutMs, done };
    call(this.#world.network, this.process, peer, request, options);
  }

  // ---- memory

  #probeMemory(): void {
    this.process.after(memoryProbeMs, () => {
      const processBytes = this.store.memoryBytes + this.#conditions.foreignBytes;
      if (processBytes !== this.#lastBytes) this.#loop.post({ type: "memory", processBytes });
      this.#lastBytes = processBytes;
      this.#probeMemory();
    });
  }
}

const statusOf = (reply: WireValue): unknown => (reply as WireMap).get("status");

/** The values of a reply to `get_data` or `gather`. */
export function readValues(reply: WireMap | null): Map<TaskKey, Serialized> {
  const values = new Map<TaskKey, Serialized>();
  const data = reply?.get("data");
  if (!(data instanceof Map)) return values;
  for (const [wire, value] of data as WireMap) {
    if (value instanceof Serialized) values.set(taskKey(wire), value);
  }
  return values;
}
