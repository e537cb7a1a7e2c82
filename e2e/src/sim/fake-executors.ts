// The executors of a simulated worker: slots that run orders one after another, for as long as the
// catalogue says, and that misbehave as it says. Knows how the real ones end orders: `returned`
// before it started, `claimed` when a retract came too late, `died`, `aborted`.
import { type NativeRunSpec, Pickled, type Serialized, type TaskKey } from "@acme/protocol";
import type { Outbox, WorkerEvent } from "@acme/worker/core";
import { type Catalogue, hashCall, type Task } from "./catalogue.js";
import type { Appointment } from "./clock.js";
import { hashText, packError, packValue, unpackNumbers, unpackValue } from "./payload.js";
import type { Random } from "./random.js";
import type { SimProcess } from "./sim-process.js";

type ExecOrder = Outbox["exec"][number];
type ExecuteOrder = Extract<ExecOrder, { type: "execute" }>;
type Outcome = Extract<WorkerEvent, { type: "executed" }>["outcome"];

export interface FakeExecutorsOptions {
  process: SimProcess;
  random: Random;
  catalogue: Catalogue;
  nthreads: number;
  /** What the worker goes by: name, address and host. */
  names: readonly string[];
  resources: ReadonlyMap<string, number>;
  durationFactors: readonly number[] | null;
  inputs: (key: TaskKey) => Serialized | undefined;
  onEvent: (event: WorkerEvent) => void;
  /** A task takes the process with it. */
  onCrash: () => void;
}

interface Run {
  readonly order: ExecuteOrder;
  readonly task: Task;
  readonly result: Serialized | null;
  startedMs: number;
  /** Out of its slot. */
  seceded: boolean;
  appointment: Appointment | null;
}

/** A value of at most this many bytes travels with the report. */
const inlineBytes = 65_536;

export class FakeExecutors {
  readonly #options: FakeExecutorsOptions;
  readonly #slots: Run[][];
  readonly #runs = new Map<number, Run>();
  readonly #results = new Map<number, Serialized>();
  readonly #templates = new Map<string, string>();

  constructor(options: FakeExecutorsOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.nthreads }, () => []);
    for (let slot = 0; slot < options.nthreads; slot++) this.#open(slot);
  }

  get count(): number {
    return this.#runs.size;
  }

  get templates(): string[] {
    return [...this.#templates.keys()];
  }

  takeResult(orderId: number): Serialized | undefined {
    const result = this.#results.get(orderId);
    this.#results.delete(orderId);
    return result;
  }

  apply(orders: readonly ExecOrder[]): void {
    for (const order of orders) {
      if (order.type === "learn") this.#learn(order.template, order.body);
      else if (order.type === "forget") this.#templates.delete(order.template);
      else if (order.type === "execute") this.#execute(order);
      else if (order.type === "retract") this.#retract(order.orderId);
      else this.#cancel(order.orderId);
    }
  }

  #learn(template: string, body: Serialized): void {
    this.#templates.set(template, new TextDecoder().decode(body.frames[0]));
  }

  #execute(order: ExecuteOrder): void {
    const spec = order.runSpec;
    const ours = spec instanceof Pickled ? null : (spec as NativeRunSpec);
    const number = unpackNumbers(ours?.items ?? (spec as Pickled).pickle)[0] as number;
    const task = this.#options.catalogue.byNumber[number] as Task;
    const template = ours === null ? task.template : this.#templates.get(ours.template);
    if (template === undefined) throw new Error(`${order.key} needs an unknown template`);
    const run: Run = {
      order,
      task,
      result: packResult(order, task, template, this.#readInputs(order)),
      startedMs: 0,
      seceded: false,
      appointment: null,
    };
    this.#runs.set(order.orderId, run);
    this.#checkConstraint(run);
    const slot = this.#slots[order.slot] as Run[];
    slot.push(run);
    if (slot[0] === run) this.#start(run);
  }

  #checkConstraint({ order, task }: Run): void {
    const { names, resources } = this.#options;
    const { constraint } = task;
    if (constraint?.workers !== undefined && constraint.allow_other_workers !== true) {
      const isNamed = constraint.workers.some((name) => names.includes(name));
      if (!isNamed) throw new Error(`${task.key} must not run on ${names[0]}`);
    }
    const process = constraint?.executor === "process";
    if (process && order.executor !== "process") throw new Error(`${task.key} needs a process`);
    for (const name of constraint?.resources?.keys() ?? []) {
      let used = 0;
      for (const run of this.#runs.values()) used += run.task.constraint?.resources?.get(name) ?? 0;
      if (used <= (resources.get(name) ?? 0)) continue;
      throw new Error(`${used} of ${name} are used on ${names[0]}, more than there is`);
    }
  }

  #readInputs(order: ExecuteOrder): (readonly [TaskKey, Serialized])[] {
    return order.dependencies.map((key) => {
      const value = this.#options.inputs(key);
      if (value === undefined) throw new Error(`input ${key} of ${order.key} is not in memory`);
      return [key, value] as const;
    });
  }

  #start(run: Run): void {
    const { process, random, durationFactors } = this.#options;
    const { behaviour } = run.task;
    run.startedMs = process.nowMs;
    const factor = durationFactors === null ? 1 : random.pick(durationFactors);
    const durationMs = factor * behaviour.durationMs * random.between(0.5, 1.5);
    if (behaviour.secedes && random.chance(0.8)) {
      run.appointment = process.after(durationMs / 2, () => {
        this.#secede(run);
        run.appointment = process.after(durationMs, () => this.#finish(run));
      });
      return;
    }
    run.appointment = process.after(durationMs, () => this.#finish(run));
  }

  #secede(run: Run): void {
    const { slot, orderId } = run.order;
    const behind = (this.#slots[slot] as Run[]).splice(0).slice(1);
    for (const other of behind) this.#report(other, { type: "returned" });
    run.seceded = true;
    this.#options.onEvent({ type: "seceded", orderId });
    this.#open(slot);
  }

  #finish(run: Run): void {
    const { task } = run;
    const { attempts, behaviour } = task;
    const startMs = run.startedMs;
    const stopMs = this.#options.process.nowMs;
    if (attempts.processDeaths < behaviour.processDeaths) {
      attempts.processDeaths += 1;
      if (isAlone(run)) this.#die(run);
      else this.#options.onCrash();
    } else if (attempts.executorDeaths < behaviour.executorDeaths) {
      attempts.executorDeaths += 1;
      this.#die(run);
    } else if (attempts.reschedules < behaviour.reschedules) {
      attempts.reschedules += 1;
      this.#end(run, { type: "rescheduled" });
    } else if (behaviour.spoils && attempts.successes > 0) {
      this.#end(run, failure("error", task.key, startMs, stopMs));
    } else if (attempts.failures < behaviour.failures) {
      attempts.failures += 1;
      this.#end(run, failure("error", task.key, startMs, stopMs));
    } else this.#succeed(run, startMs, stopMs);
  }

  #succeed(run: Run, startMs: number, stopMs: number): void {
    const result = run.result as Serialized;
    run.task.attempts.successes += 1;
    const { nbytes } = run.task;
    this.#results.set(run.order.orderId, result);
    this.#end(run, {
      type: "ok",
      nbytes,
      typename: "number",
      startMs,
      stopMs,
      inline: nbytes <= inlineBytes ? result : undefined,
    });
  }

  // A process of its own dies alone; a thread takes the orders behind it along, unstarted.
  #die(run: Run): void {
    const outcome = failure("died", run.task.key, run.startedMs, this.#options.process.nowMs);
    if (isAlone(run) || run.seceded) {
      this.#end(run, outcome);
      return;
    }
    this.#replace(run, outcome);
  }

  #replace(run: Run, outcome: Outcome): void {
    const { slot } = run.order;
    const behind = (this.#slots[slot] as Run[]).splice(0).slice(1);
    this.#options.onEvent({ type: "executor-lost", slot });
    this.#report(run, outcome);
    for (const other of behind) this.#report(other, { type: "returned" });
    this.#open(slot);
  }

  #end(run: Run, outcome: Outcome): void {
    this.#report(run, outcome);
    if (run.seceded) return;
    const slot = this.#slots[run.order.slot] as Run[];
    const wasHead = slot[0] === run;
    slot.splice(slot.indexOf(run), 1);
    if (wasHead && slot[0] !== undefined) this.#start(slot[0]);
  }

  #report(run: Run, outcome: Outcome): void {
    if (run.appointment !== null) run.appointment.run = null;
    const { orderId } = run.order;
    this.#runs.delete(orderId);
    this.#options.onEvent({ type: "executed", orderId, outcome });
  }

  #retract(orderId: number): void {
    const run = this.#runs.get(orderId);
    if (run === undefined) return;
    if (run.startedMs > 0) this.#options.onEvent({ type: "claimed", orderId });
    else this.#end(run, { type: "returned" });
  }

  #cancel(orderId: number): void {
    const run = this.#runs.get(orderId);
    if (run === undefined) return;
    const { process, random } = this.#options;
    if (run.startedMs === 0) {
      this.#end(run, { type: "aborted" });
      return;
    }
    const graceMs = random.skewed(0.2, 20);
    if (random.chance(0.1)) return;
    const { appointment } = run;
    if (appointment !== null && appointment.atMs <= process.clock.nowMs + graceMs) return;
    if (appointment !== null) appointment.run = null;
    run.appointment = process.after(graceMs, () => {
      const kill = run.task.behaviour.isStubborn && !isAlone(run) && !run.seceded;
      if (kill) this.#replace(run, { type: "aborted" });
      else this.#end(run, { type: "aborted" });
    });
  }

  #open(slot: number): void {
    const { process, random, onEvent } = this.#options;
    process.after(random.skewed(0.5, 60), () => onEvent({ type: "executor-ready", slot }));
  }
}

const isAlone = ({ order }: Run): boolean => order.isolate || order.executor === "process";

function packResult(
  { key }: ExecuteOrder,
  task: Task,
  template: string,
  inputs: readonly (readonly [TaskKey, Serialized])[],
): Serialized | null {
  const values = inputs.map(([input, payload]) => [input, unpackValue(payload)] as const);
  const hash = hashCall(key, template, values);
  return packValue({ hash, keyHash: hashText(key), nbytes: task.nbytes });
}

function failure(type: "error" | "died", key: TaskKey, startMs: number, stopMs: number): Outcome {
  const text = `${key} failed`;
  return {
    type,
    exception: packError(key),
    traceback: null,
    exceptionText: text,
    tracebackText: "",
    startMs,
    stopMs,
  };
}
