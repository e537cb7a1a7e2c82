// A simulated client of Python's: it sends graphs that the scheduler cannot read, and shares things
// with others by name. It has no core of ours; when it loses its connection it forgets all it held,
// as dask's does. Stands for dask's Client with its Variable, Queue, Event and Semaphore.
import {
  type ClientId,
  clientId,
  Serialized,
  schedulerToClient,
  type TaskKey,
  taskKey,
  type WireMap,
  type WireValue,
  wireKey,
} from "@acme/protocol";
import type { Task } from "./catalogue.js";
import type { Socket } from "./network.js";
import { errorOwner, unpackValue } from "./payload.js";
import { call } from "./rpc.js";
import { schedulerAddress } from "./scheduler-actor.js";
import { SimProcess } from "./sim-process.js";
import { readValues } from "./worker-actor.js";
import type { World } from "./world.js";

type Status = "pending" | "finished" | "error" | "cancelled";

/** Longer than anything is allowed to wait: who is answered only by this was forgotten. */
const askMs = 100_000;
const registerTimeoutMs = 5_000;

export class PythonClient {
  readonly id: ClientId;
  readonly process: SimProcess;
  readonly held = new Map<TaskKey, Status>();
  readonly #world: World;
  #socket: Socket | null = null;
  #asking = 0;
  #isClosed = false;

  constructor(world: World, name: string) {
    this.#world = world;
    this.id = clientId(`Client-${name}`);
    this.process = new SimProcess(name, world.clock, world.random.whole(-2_000, 2_000));
    this.#register();
  }

  /** Connected, and nothing that was asked is without its answer. */
  get isSettled(): boolean {
    return this.#socket?.isOpen === true && this.#asking === 0;
  }

  // ---- what a program does

  submit(tasks: readonly Task[], desired: readonly TaskKey[]): void {
    if (this.#socket === null) return;
    const frames = [this.#world.unfolder.fold(tasks)];
    const expr_ser = new Serialized({ serializer: "pickle" }, frames);
    for (const key of desired) this.held.set(key, "pending");
    this.say({ op: "update-graph", keys: desired.map(wireKey), expr_ser });
  }

  release(keys: readonly TaskKey[]): void {
    for (const key of keys) this.held.delete(key);
    this.say({ op: "client-releases-keys", keys: keys.map(wireKey) });
  }

  /** Without a connection nothing is held, and so there is nothing to say. */
  say(message: object): void {
    this.#socket?.send([message]);
  }

  ask(request: object, answered: (reply: WireValue | null) => void = () => {}): void {
    const { network, clock } = this.#world;
    const begunMs = clock.nowMs;
    this.#asking += 1;
    const done = (reply: WireValue | null) => {
      this.#asking -= 1;
      if (clock.nowMs - begunMs >= askMs) {
        throw new Error(`${this.id} was never answered: ${JSON.stringify(request)}`);
      }
      answered(reply);
    };
    call(network, this.process, schedulerAddress, request, { timeoutMs: askMs, done });
  }

  close(): void {
    this.#isClosed = true;
    this.say({ op: "close-client" });
  }

  // ---- scheduler

  #register(): void {
    let phase: "waits" | "open" | "over" = "waits";
    const own: { socket: Socket | null } = { socket: null };
    const giveUp = () => {
      if (phase !== "waits") return;
      phase = "over";
      own.socket?.close("no answer to the registration");
      this.#comeBack();
    };
    const handlers = {
      onMessage: (message: WireValue) => {
        if (phase === "open") this.#receive(message as WireMap[]);
        if (phase !== "waits") return;
        phase = "open";
        this.#socket = own.socket;
      },
      onClose: () => {
        if (phase !== "open") return giveUp();
        phase = "over";
        this.#lost();
      },
    };
    this.process.after(registerTimeoutMs, giveUp);
    this.#world.network.connect(this.process, schedulerAddress, handlers, (socket) => {
      own.socket = socket;
      if (socket === null) return giveUp();
      socket.send({ op: "register-client", client: this.id, reply: false, versions: {} });
    });
  }

  #lost(): void {
    this.#socket = null;
    this.held.clear();
    if (!this.#isClosed) this.#comeBack();
  }

  #comeBack(): void {
    this.process.after(this.#world.random.between(50, 1_000), () => this.#register());
  }

  #receive(batch: readonly WireMap[]): void {
    for (const map of batch) {
      const message = schedulerToClient.read(map);
      switch (message.op) {
        case "key-in-memory":
          this.#finished(taskKey(message.key));
          break;
        case "task-erred":
          this.#erred(taskKey(message.key), message.exception as Serialized);
          break;
        case "cancelled-keys":
          for (const key of message.keys) this.#cancelled(taskKey(key), message.reason ?? "");
          break;
        case "restart":
          this.held.clear();
          break;
        case "lost-data":
          this.#settle(taskKey(message.key), "pending");
          break;
      }
    }
  }

  #settle(key: TaskKey, status: Status): boolean {
    if (!this.held.has(key)) return false;
    this.held.set(key, status);
    this.#world.trace.line(this.process.name, () => `${key} is ${status}`);
    return true;
  }

  #finished(key: TaskKey): void {
    if (!this.#settle(key, "finished")) return;
    const task = this.#world.catalogue.tasks.get(key) as Task;
    if (task.value === null) throw new Error(`${key} finished but must fail`);
    if (this.#world.random.chance(0.5)) this.#check(task);
  }

  /** What comes must be right; that nothing comes is for the scheduler to mend. */
  #check({ key, value }: Task): void {
    this.ask({ op: "gather", keys: [wireKey(key)] }, (reply) => {
      for (const payload of readValues(reply as WireMap | null).values()) {
        if (unpackValue(payload).hash !== value?.hash) throw new Error(`${key} has a wrong value`);
      }
    });
  }

  #erred(key: TaskKey, exception: Serialized): void {
    if (!this.#settle(key, "error")) return;
    const { culprits } = this.#world.catalogue.tasks.get(key) as Task;
    const owner = errorOwner(exception);
    const isOurs = owner === null && this.#world.plan.mood !== "calm";
    if (isOurs || (owner !== null && culprits.has(owner))) return;
    const text = String(exception.header.get("message") ?? "a task that must not fail raised");
    throw new Error(`${key} must not fail like this: ${text}`);
  }

  #cancelled(key: TaskKey, reason: string): void {
    if (!this.#settle(key, "cancelled")) return;
    const { catalogue } = this.#world;
    if (catalogue.isRestartAsked || catalogue.excuses.has(key)) return;
    throw new Error(`${key} was cancelled although nobody asked for it (${reason})`);
  }
}
