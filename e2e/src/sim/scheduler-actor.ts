// The simulated scheduler process: the real core, links, and the requests that decide nothing.
// Stands for the scheduler's shell and carries outboxes out alike.
import {
  type ClientId,
  clientToScheduler,
  type MessageReader,
  type Serialized,
  schedulerRequest,
  type TaskKey,
  taskKey,
  type WireMap,
  type WireValue,
  type WorkerAddress,
  wireKey,
  workerToScheduler,
} from "@acme/protocol";
import {
  type CoreRequest,
  load,
  newOutbox,
  newState,
  type Outbox,
  type SchedulerEvent,
  type SchedulerState,
  save,
  step,
  validate,
} from "@acme/scheduler/core";
import { CoreLoop } from "./core-loop.js";
import type { IncomingCall, Socket, SocketHandlers } from "./network.js";
import { call } from "./rpc.js";
import { gather } from "./scheduler-gather.js";
import { SimProcess } from "./sim-process.js";
import type { World } from "./world.js";

type Answer = (reply: WireValue) => void;

export const schedulerAddress = "tcp://10.0.0.1:8786";
const transferTimeoutMs = 5_000;

export class SchedulerActor {
  process: SimProcess;
  state: SchedulerState;
  readonly #world: World;
  #loop: CoreLoop<SchedulerEvent, Outbox>;
  #lives = 1;
  readonly #links = new Map<number, { kind: "worker" | "client"; socket: Socket }>();
  readonly #answers = new Map<number, Answer>();
  readonly #scattered = new Map<number, Map<TaskKey, Serialized>>();
  #lastLink = 0;
  #lastRequest = 0;

  constructor(world: World) {
    this.#world = world;
    this.process = new SimProcess("scheduler", world.clock, world.plan.schedulerSkewMs);
    this.state = newState({
      id: "Scheduler-sim",
      seed: world.plan.seed,
      startedMs: this.process.nowMs,
      ...world.plan.scheduler,
    });
    this.#loop = this.#makeLoop();
    this.#listen();
  }

  /**
   * Dies and comes back with the state of its last step, but without its connections: what it had
   * sent may be lost, and nothing that it waited for will be answered.
   */
  restart(downMs: number): void {
    if (!this.process.isAlive) return;
    const saved = save(this.state);
    this.#loop.stop();
    this.process.kill();
    this.#links.clear();
    this.#answers.clear();
    this.#scattered.clear();
    this.#world.clock.after(downMs, () => {
      this.#lives += 1;
      const { clock, plan } = this.#world;
      this.process = new SimProcess(`scheduler.${this.#lives}`, clock, plan.schedulerSkewMs);
      this.state = load(saved);
      this.state.settings.incarnation += 1;
      this.#loop = this.#makeLoop();
      this.#listen();
      for (const event of endingsOf(this.state)) this.#loop.post(event);
    });
  }

  #makeLoop(): CoreLoop<SchedulerEvent, Outbox> {
    return new CoreLoop(this.process, this.#world.random, {
      step: (events, nowMs) => this.#step(events, nowMs),
      act: (out) => this.#act(out),
    });
  }

  #listen(): void {
    this.#world.network.listen(schedulerAddress, {
      process: this.process,
      onConnection: (socket) => this.#onConnection(socket),
      onRequest: (map, incoming) => this.#onRequest(map, incoming),
    });
  }

  /** Tells the core that a peer reads slowly, or fast again. */
  reportBacklog(bytes: number): void {
    if (!this.process.isAlive) return;
    for (const [link, { kind }] of this.#links) {
      if (kind === "client") this.#loop.post({ type: "link-backlog", link, bytes });
    }
  }

  #step(events: readonly SchedulerEvent[], nowMs: number): Outbox {
    const out = newOutbox();
    step(this.state, events, nowMs, out);
    if (this.#world.isTimeToValidate()) validate(this.state);
    return out;
  }

  #act(out: Outbox): void {
    for (const reply of out.replies) {
      const answer = this.#answers.get(reply.requestId);
      this.#answers.delete(reply.requestId);
      answer?.(("error" in reply ? errorReply(reply.error) : reply.reply) as WireValue);
    }
    for (const [link, messages] of out.links) this.#links.get(link)?.socket.sendBatch(messages);
    for (const { link, reason } of out.close) {
      this.#links.get(link)?.socket.close(reason);
      this.#links.delete(link);
    }
    for (const transfer of out.transfers) this.#transfer(transfer);
    this.#world.unfolder.apply(out, this.process, (event) => this.#loop.post(event));
    for (const { callId, address, request, timeoutMs } of out.calls) {
      const done = (reply: WireValue | null) => {
        if (reply === null) this.#loop.post({ type: "call-failed", callId, message: "no answer" });
        else this.#loop.post({ type: "call-done", callId, reply });
      };
      call(this.#world.network, this.process, address, request, { timeoutMs, done });
    }
    for (const { level, event, text, client } of out.log) {
      this.#world.trace.line("scheduler", () => `${level} ${event}: ${text}`);
      if (event === "client-removed") this.#excuseClient(client);
    }
  }

  // Its keys are dropped now; if it comes back, it finds them gone.
  #excuseClient(id: string | undefined): void {
    const client = this.#world.clients.find((each) => each.id === id);
    this.#world.catalogue.excuse(client?.held.keys() ?? [], "its client was away for too long");
  }

  // ---- links

  #onConnection(socket: Socket): SocketHandlers {
    let link = -1;
    return {
      onMessage: (message) => {
        if (link >= 0) return this.#receive(link, message as WireMap[]);
        this.#lastLink += 1;
        link = this.#lastLink;
        this.#register(link, socket, message as WireMap);
      },
      onClose: (reason) => {
        const open = this.#links.get(link);
        if (open === undefined) return;
        this.#links.delete(link);
        const type = open.kind === "worker" ? "worker-gone" : "client-gone";
        this.#loop.post({ type, link, reason });
      },
    };
  }

  #register(link: number, socket: Socket, map: WireMap): void {
    const request = schedulerRequest.read(map);
    const isWorker = request.op === "register-worker";
    const kind = isWorker ? "worker" : "client";
    const requestId = this.#park((reply) => {
      socket.send(reply);
      // The other end may have gone while the core decided.
      if (!socket.isOpen) return this.#loop.post({ type: `${kind}-gone`, link, reason: "left" });
      this.#links.set(link, { kind, socket });
    });
    if (isWorker) {
      this.#loop.post({ type: "worker-registered", requestId, link, registration: request });
    } else if (request.op === "register-client") {
      const client = request.client as ClientId;
      this.#loop.post({ type: "client-registered", requestId, link, client, acme: request.acme });
    } else {
      throw new Error(`a connection began with ${request.op}`);
    }
  }

  #receive(link: number, batch: readonly WireMap[]): void {
    const open = this.#links.get(link);
    if (open === undefined) return;
    if (open.kind === "worker") {
      const messages = read(workerToScheduler, batch);
      this.#loop.post({ type: "worker-messages", link, messages });
    } else {
      const messages = read(clientToScheduler, batch);
      this.#loop.post({ type: "client-messages", link, messages });
    }
  }

  // ---- requests

  #park(answer: Answer): number {
    this.#lastRequest += 1;
    this.#answers.set(this.#lastRequest, answer);
    return this.#lastRequest;
  }

  #onRequest(map: WireMap, incoming: IncomingCall): void {
    const request = schedulerRequest.read(map);
    if (request.op === "gather") {
      this.#gather(request.keys.map(taskKey), incoming);
      return;
    }
    const requestId = this.#park((reply) => {
      this.#scattered.delete(requestId);
      incoming.reply(reply);
    });
    incoming.onGone(() => {
      if (!this.#answers.delete(requestId)) return;
      this.#scattered.delete(requestId);
      this.#loop.post({ type: "request-gone", requestId });
    });
    if (request.op === "scatter") {
      this.#scatter(requestId, request);
      return;
    }
    this.#loop.post({ type: "request", requestId, link: 0, request: request as CoreRequest });
  }

  #gather(keys: readonly TaskKey[], incoming: IncomingCall): void {
    gather(keys, {
      network: this.#world.network,
      process: this.process,
      state: this.state,
      onMissing: (address, gone) => {
        this.#loop.post({ type: "missing-data", address, keys: gone });
      },
      done: ({ values, missing }) => {
        if (missing.length > 0) {
          return incoming.reply({ status: "error", keys: missing.map(wireKey) });
        }
        const data = new Map(keys.map((key) => [wireKey(key), values.get(key)] as const));
        incoming.reply({ status: "OK", data } as WireValue);
      },
    });
  }

  #scatter(requestId: number, request: Extract<ScatterRequest, { op: "scatter" }>): void {
    const values = new Map<TaskKey, Serialized>();
    for (const [wire, value] of request.data) values.set(taskKey(wire), value as Serialized);
    this.#scattered.set(requestId, values);
    this.#loop.post({
      type: "scatter-requested",
      requestId,
      client: request.client as ClientId,
      sizes: new Map(Array.from(values, ([key, value]) => [key, value.nbytes])),
      workers: request.workers,
      broadcast: request.broadcast,
    });
  }

  #transfer({ transferId, worker, keys, requestId }: Outbox["transfers"][number]): void {
    const values = this.#scattered.get(requestId);
    const done = (reply: WireValue | null) => {
      const ok = reply !== null && (reply as WireMap).get("status") === "OK";
      this.#loop.post({ type: "transferred", transferId, worker, ok });
    };
    if (values === undefined) {
      this.process.do(() => done(null));
      return;
    }
    const data = new Map(keys.map((key) => [wireKey(key), values.get(key)] as const));
    const request = { op: "update_data", data };
    const options = { timeoutMs: transferTimeoutMs, repeatable: true, done };
    call(this.#world.network, this.process, worker, request, options);
  }
}

/** Everything that a state believes to be under way and that ended with its process. */
function endingsOf(state: SchedulerState): SchedulerEvent[] {
  const reason = "the scheduler restarted";
  return [
    ...[...state.parked.keys()].map((requestId) => ({ type: "request-gone" as const, requestId })),
    ...[...state.workerOfLink.keys()].map((link) => ({
      type: "worker-gone" as const,
      link,
      reason,
    })),
    ...[...state.clientOfLink.keys()].map((link) => ({
      type: "client-gone" as const,
      link,
      reason,
    })),
    ...[...state.transfers.keys()].map((transferId) => ({
      type: "transferred" as const,
      transferId,
      worker: "tcp://nobody:0" as WorkerAddress,
      ok: false,
    })),
    ...[...state.extensions.waiting.keys()].map((requestId) => ({
      type: "request-gone" as const,
      requestId,
    })),
    ...[...state.errands.open.keys()].map((errandId) => ({
      type: "errand-failed" as const,
      errandId,
      message: reason,
    })),
    { type: "helper-answered", dask: null, problem: reason },
    ...[...state.calls.keys()].map((callId) => ({
      type: "call-failed" as const,
      callId,
      message: reason,
    })),
  ];
}

type ScatterRequest = Extract<ReturnType<typeof schedulerRequest.read>, { op: string }>;

function read<M>(reader: MessageReader<M>, batch: readonly WireMap[]): M[] {
  return batch.map((map) => reader.read(map) as M);
}

/** The part of dask's error reply that callers here look at. */
const errorReply = (message: string): WireValue => ({ status: "uncaught-error", message });
