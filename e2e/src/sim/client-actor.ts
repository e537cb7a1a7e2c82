// One simulated client process: the real core, its connection, and the futures that a program
// would hold. Checks every answer against the catalogue the moment it comes.

import {
  type ClientEvent,
  type ClientOutbox,
  type ClientState,
  type FutureStatus,
  newOutbox,
  newState,
  type Settled,
  step,
  validate,
} from "@acme/client/core";
import {
  type ClientId,
  clientId,
  type SchedulerToClient,
  type Serialized,
  schedulerToClient,
  type TaskKey,
  taskKey,
  type WireMap,
  type WireValue,
  wireKey,
} from "@acme/protocol";
import type { Task } from "./catalogue.js";
import { CoreLoop } from "./core-loop.js";
import { packGraph } from "./graph.js";
import type { Socket } from "./network.js";
import { errorOwner, packValue, unpackValue } from "./payload.js";
import { call } from "./rpc.js";
import { schedulerAddress } from "./scheduler-actor.js";
import { SimProcess } from "./sim-process.js";
import { readValues } from "./worker-actor.js";
import type { World } from "./world.js";

/** A key that the program of this client holds on to. */
export interface Held {
  readonly key: TaskKey;
  handles: number;
  status: FutureStatus;
  hasValue: boolean;
}

const registerTimeoutMs = 5_000;
const gatherTimeoutMs = 20_000;

export class ClientActor {
  readonly id: ClientId;
  readonly process: SimProcess;
  readonly state: ClientState;
  readonly held = new Map<TaskKey, Held>();
  readonly #world: World;
  readonly #loop: CoreLoop<ClientEvent, ClientOutbox>;
  #socket: Socket | null = null;
  #link = 0;
  #pauseMs = 50;
  #isClosed = false;
  #scatters = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.id = clientId(`Client-${name}`);
    this.process = new SimProcess(name, world.clock, world.random.whole(-2_000, 2_000));
    this.state = newState({ client: this.id });
    this.#loop = new CoreLoop(this.process, world.random, {
      step: (events, nowMs) => this.#step(events, nowMs),
      act: (out) => this.#act(out),
    });
    this.#register();
  }

  /** Connected, and no request is on its way that would bring new futures. */
  get isSettled(): boolean {
    return this.#socket?.isOpen === true && this.#scatters === 0;
  }

  // ---- what a program does

  /** A client that was closed refuses, as the real one does. */
  submit(tasks: readonly Task[], desired: readonly TaskKey[]): void {
    if (this.#isClosed) return;
    const wanted = [...new Set(desired)];
    const slab = this.#world.random.whole(1, 16);
    for (const key of wanted) this.#hold(key);
    const graph = packGraph(tasks, new Set(wanted), slab);
    this.#loop.post({ type: "submitted", graph, desired: wanted });
  }

  desire(keys: readonly TaskKey[]): void {
    for (const key of keys) this.#hold(key);
    this.#loop.post({ type: "desired", keys });
  }

  release(keys: readonly TaskKey[]): void {
    for (const key of keys) {
      const held = this.held.get(key) as Held;
      held.handles -= 1;
      if (held.handles === 0) this.held.delete(key);
    }
    this.#loop.post({ type: "released", keys });
  }

  cancel(keys: readonly TaskKey[], force: boolean): void {
    this.#world.catalogue.excuse(keys, `cancelled by ${this.id}`);
    this.#loop.post({ type: "cancelled", keys, force });
  }

  want(keys: readonly TaskKey[]): void {
    this.#loop.post({ type: "wanted", keys });
  }

  scatter(tasks: readonly Task[], broadcast: boolean): void {
    const data = new Map(tasks.map((task) => [wireKey(task.key), packValue(task.value as never)]));
    const request = { op: "scatter", data, client: this.id, broadcast, timeout: 10 };
    this.#scatters += 1;
    const done = (reply: WireValue | null) => {
      this.#scatters -= 1;
      const keys = tasks.map((task) => task.key);
      if (Array.isArray(reply)) this.desire(keys);
      else this.#world.orphans.push(...keys);
    };
    call(this.#world.network, this.process, schedulerAddress, request, { timeoutMs: 20_000, done });
  }

  /** Any other request; nobody waits for its answer. */
  ask(request: object): void {
    const options = { timeoutMs: 20_000, done: () => {} };
    call(this.#world.network, this.process, schedulerAddress, request, options);
  }

  /** Tells a worker to copy keys from another one. */
  askToCopy(worker: string, keys: readonly TaskKey[], holder: string): void {
    const request = { op: "gather", who_has: new Map(keys.map((key) => [wireKey(key), [holder]])) };
    const options = { timeoutMs: 5_000, done: () => {} };
    call(this.#world.network, this.process, worker, request, options);
  }

  /** Says goodbye; what it held is the scheduler's to drop. */
  close(): void {
    this.#isClosed = true;
    this.#loop.post({ type: "closed", reason: "the program ends" });
    this.#socket?.send([{ op: "close-client" }]);
  }

  die(): void {
    this.#loop.stop();
    this.process.kill();
  }

  #hold(key: TaskKey): void {
    let held = this.held.get(key);
    if (held === undefined) {
      held = { key, handles: 0, status: "pending", hasValue: false };
      this.held.set(key, held);
    } else if (held.status === "cancelled" && !this.#isClosed) {
      held.status = "pending";
      held.hasValue = false;
    }
    held.handles += 1;
  }

  // ---- core

  #step(events: readonly ClientEvent[], nowMs: number): ClientOutbox {
    const out = newOutbox();
    step(this.state, events, nowMs, out);
    if (this.#world.isTimeToValidate()) validate(this.state);
    return out;
  }

  #act(out: ClientOutbox): void {
    this.#socket?.sendBatch(out.toScheduler);
    for (const order of out.gather) this.#gather(order.gatherId, order.keys, new Set());
    for (const settled of out.settled) this.#settle(settled);
    for (const delivered of out.values) {
      const held = this.held.get(delivered.key);
      if (held === undefined) continue;
      if (delivered.value === null)
        this.#world.trace.line(this.process.name, () => delivered.message);
      else this.#deliver(held, delivered.value);
    }
  }

  #settle(settled: Settled): void {
    const held = this.held.get(settled.key);
    if (held === undefined) return;
    held.status = settled.status;
    this.#world.trace.line(this.process.name, () => `${settled.key} is ${settled.status}`);
    const task = this.#world.catalogue.tasks.get(settled.key) as Task;
    if (settled.status === "error") this.#checkError(task, settled.exception as Serialized);
    if (settled.status === "cancelled" && !this.#isClosed)
      this.#checkCancelled(task, settled.reason);
    if (settled.status === "finished" && task.value === null) {
      throw new Error(`${settled.key} finished but must fail`);
    }
  }

  #deliver(held: Held, payload: Serialized): void {
    const expected = (this.#world.catalogue.tasks.get(held.key) as Task).value;
    const value = unpackValue(payload);
    if (value.hash !== expected?.hash || value.keyHash !== expected.keyHash) {
      throw new Error(`${held.key} has a wrong value: ${JSON.stringify({ value, expected })}`);
    }
    held.hasValue = true;
  }

  #checkError({ key, culprits }: Task, exception: Serialized): void {
    const owner = errorOwner(exception);
    if (owner === null ? culprits.size > 0 : culprits.has(owner)) return;
    const { plan, workerDeaths } = this.#world;
    // What the scheduler itself may give up: a task that saw many losses, or that nobody may run.
    if (owner === null && (workerDeaths > 10 || plan.scheduler.noWorkersTimeoutMs !== null)) return;
    const text = String(exception.header.get("message") ?? "a task that must not fail raised");
    throw new Error(`${key} must not fail like this: ${text}`);
  }

  #checkCancelled({ key }: Task, reason: string): void {
    const { catalogue } = this.#world;
    // Submitted after the restart was asked for, and before it happened.
    if (reason === "restart" && catalogue.isRestartAsked) catalogue.excuse([key], reason);
    if (catalogue.excuses.has(key)) return;
    throw new Error(`${key} was cancelled although nobody asked for it (${reason})`);
  }

  #gather(gatherId: number, keys: readonly TaskKey[], missing: Set<TaskKey>): void {
    const rest = keys.filter((key) => !missing.has(key));
    if (rest.length === 0) {
      this.#loop.post({ type: "gathered", gatherId, values: new Map() });
      return;
    }
    const done = (reply: WireValue | null) => {
      const fields = reply as WireMap | null;
      if (fields === null) {
        return this.#loop.post({ type: "gather-failed", gatherId, message: "no answer" });
      }
      if (fields.get("status") === "OK") {
        return this.#loop.post({ type: "gathered", gatherId, values: readValues(fields) });
      }
      for (const wire of fields.get("keys") as WireValue[]) missing.add(taskKey(wire));
      this.#gather(gatherId, keys, missing);
    };
    const request = { op: "gather", keys: rest.map(wireKey) };
    const options = { timeoutMs: gatherTimeoutMs, done };
    call(this.#world.network, this.process, schedulerAddress, request, options);
  }

  // ---- scheduler

  #register(): void {
    let answered = false;
    const own: { socket: Socket | null } = { socket: null };
    const giveUp = () => {
      if (answered) return;
      answered = true;
      own.socket?.close("no answer to the registration");
      this.#comeBack();
    };
    const handlers = {
      onMessage: (message: WireValue) => {
        const batch = message as WireMap[];
        if (answered) return this.#receive(own.socket, batch);
        answered = true;
        this.#registered(own.socket as Socket, batch);
      },
      onClose: () => {
        if (!answered) giveUp();
        else if (own.socket === this.#socket) this.#lost();
      },
    };
    this.process.after(registerTimeoutMs, giveUp);
    this.#world.network.connect(this.process, schedulerAddress, handlers, (socket) => {
      own.socket = socket;
      if (socket === null) return giveUp();
      socket.send({ op: "register-client", client: this.id, reply: false, versions: {}, acme: 1 });
    });
  }

  #registered(socket: Socket, batch: readonly WireMap[]): void {
    if (batch[0]?.get("op") !== "stream-start") throw new Error("a client was refused");
    if (this.#isClosed) {
      socket.close("the client was closed meanwhile");
      return;
    }
    this.#link += 1;
    this.#socket = socket;
    this.#pauseMs = 50;
    this.#loop.post({ type: "connected", link: this.#link });
  }

  #lost(): void {
    this.#socket = null;
    this.#loop.post({ type: "disconnected", link: this.#link });
    if (!this.#isClosed) this.#comeBack();
  }

  #comeBack(): void {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, 5_000);
    this.process.after(pauseMs, () => this.#register());
  }

  #receive(socket: Socket | null, batch: readonly WireMap[]): void {
    if (socket !== this.#socket) return;
    const messages = batch.map((map) => schedulerToClient.read(map) as SchedulerToClient);
    this.#loop.post({ type: "scheduler-messages", link: this.#link, messages });
  }
}
