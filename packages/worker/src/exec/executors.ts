// The executor room of one worker: takes the core's orders, spreads them over the slots, keeps
// results until the store wants them, and posts what happened. User code runs nowhere else.
import { assert, assertNever, Pickled, type Serialized } from "@acme/protocol";
import type { FailedOutcome, OrderId, Outcome } from "../core/events.js";
import type { ExecOrder, ExecuteOrder } from "../core/outbox.js";
import type { StoredValue } from "../store/spill-files.js";
import { shareFrame } from "./batch.js";
import { ChildPool } from "./child-pool.js";
import { Lane } from "./lane.js";
import { execLimits } from "./limits.js";
import { failedOutcome, TaskRefusedError } from "./outcomes.js";
import { forPython } from "./python-errors.js";
import type { ExecContext, KnownTemplate, Run } from "./run.js";
import { slotEnvironments } from "./slot-devices.js";
import type { ExecEvent, ExecutorsOptions } from "./types.js";

/**
 * Runs tasks in worker threads and child processes, one at a time in each slot.
 *
 * @example
 * ```ts
 * const executors = new Executors({
 *   nthreads: 4,
 *   inputs: (key) => store.get(key),
 *   onEvent: (event) => turn.push(event),
 * });
 * executors.apply(out.exec);
 * const value = executors.takeResult(orderId);
 * await executors.close({ graceMs: 2_000 });
 * ```
 */
export class Executors {
  readonly #options: ExecutorsOptions;
  readonly #context: ExecContext;
  readonly #children: ChildPool;
  readonly #lanes: Lane[] = [];
  readonly #runs = new Map<OrderId, Run>();
  readonly #templates = new Map<string, KnownTemplate>();
  readonly #results = new Map<OrderId, StoredValue>();
  readonly #touched = new Set<Lane>();
  #nextTemplate = 1;

  constructor(options: ExecutorsOptions) {
    this.#options = options;
    this.#context = this.#newContext();
    this.#children = new ChildPool(this.#context.start);
    for (const [slot, environment] of slotEnvironments(options.gpus, options.nthreads).entries()) {
      this.#lanes.push(new Lane(slot, this.#context, this.#children, environment));
    }
  }

  /** Results that wait for the store. */
  get waitingResults(): number {
    return this.#results.size;
  }

  /**
   * Does what a step of the core ordered. Values of inputs are read during the call.
   *
   * @param orders - `out.exec`, first to last; not kept
   */
  apply(orders: readonly ExecOrder[]): void {
    for (const order of orders) this.#apply(order);
    for (const lane of this.#touched) lane.flush();
    this.#touched.clear();
  }

  /**
   * The encoded value of an order whose outcome was `ok`; it is kept here no longer.
   *
   * @param orderId - number of the order
   * @returns undefined if it was taken or dropped before
   */
  takeResult(orderId: OrderId): StoredValue | undefined {
    const value = this.#results.get(orderId);
    this.#results.delete(orderId);
    return value;
  }

  /** Has all executors free memory that nobody uses, as soon as they get to it. */
  collectGarbage(): void {
    for (const lane of this.#lanes) lane.collectGarbage();
  }

  /**
   * Gives back what has not started, lets the rest end, then ends all threads and processes.
   *
   * @param options - `graceMs`: how long running tasks may take; they are aborted after it
   */
  async close({ graceMs }: { graceMs: number }): Promise<void> {
    this.#children.close();
    await Promise.all(this.#lanes.map((lane) => lane.close(graceMs)));
  }

  #apply(order: ExecOrder): void {
    switch (order.type) {
      case "learn":
        this.#learn(order.template, order.name, order.body);
        return;
      case "forget":
        this.#forget(order.template);
        return;
      case "execute":
        this.#execute(order);
        return;
      case "cancel":
      case "retract": {
        const run = this.#runs.get(order.orderId);
        if (run === undefined) return;
        const lane = this.#laneOf(run.order);
        if (order.type === "cancel") lane.cancel(run);
        else lane.retract(run);
        return;
      }
      default:
        assertNever(order);
    }
  }

  #learn(id: string, name: string, body: Serialized): void {
    const { sharedFrameBytes } = this.#context.limits;
    const frames = body.frames.map((frame) =>
      frame.byteLength >= sharedFrameBytes ? shareFrame(frame) : frame,
    );
    this.#templates.set(id, { number: this.#nextTemplate++, name, frames });
  }

  #forget(id: string): void {
    const template = this.#templates.get(id);
    if (template === undefined) return;
    this.#templates.delete(id);
    for (const lane of this.#lanes) {
      lane.forget(template.number);
      this.#touched.add(lane);
    }
  }

  #execute(order: ExecuteOrder): void {
    const run = this.#prepare(order);
    if (run instanceof TaskRefusedError) {
      this.#refuse(order, run);
      return;
    }
    this.#runs.set(run.orderId, run);
    const lane = this.#laneOf(order);
    lane.add(run);
    this.#touched.add(lane);
  }

  #prepare(order: ExecuteOrder): Run | TaskRefusedError {
    const { orderId, key, runSpec } = order;
    let template: KnownTemplate | null = null;
    let items: readonly Uint8Array[];
    if ("template" in runSpec) {
      const known = this.#templates.get(runSpec.template);
      if (known === undefined) {
        return new TaskRefusedError(key, `its function ${runSpec.template} was never sent here`);
      }
      template = known;
      items = [runSpec.items, ...(runSpec.buffers?.frames ?? [])];
    } else if (runSpec instanceof Pickled) {
      items = [runSpec.headerBytes, ...runSpec.frames];
    } else return new TaskRefusedError(key, "its run spec is of a kind that is not known here");
    const inputs: StoredValue[] = [];
    for (const dependency of order.dependencies) {
      const value = this.#options.inputs(dependency);
      assert(value !== undefined, `input ${dependency} of ${key} is not in memory`);
      inputs.push(value);
    }
    return { order, orderId, template, items, inputs, cell: -1, cancelled: false };
  }

  #laneOf(order: ExecuteOrder): Lane {
    const lane = this.#lanes[order.slot];
    assert(lane !== undefined, `there is no slot ${order.slot}`);
    return lane;
  }

  #refuse({ orderId, runSpec }: ExecuteOrder, error: TaskRefusedError): void {
    const outcome = failedOutcome("error", error);
    if ("template" in runSpec) this.#context.emit({ type: "executed", orderId, outcome });
    else {
      void forPython(error).then((exception) => {
        const refused = { ...outcome, exception };
        this.#context.emit({ type: "executed", orderId, outcome: refused });
      });
    }
  }

  /** A Python client reads its own kind of errors alone; making one is not done at once. */
  #failed(run: Run, type: FailedOutcome["type"], error: Error): void {
    const outcome = failedOutcome(type, error);
    if (run.template !== null) this.#ended(run, outcome, undefined);
    else {
      void forPython(error).then((exception) => {
        this.#ended(run, { ...outcome, exception }, undefined);
      });
    }
  }

  #ended(run: Run, outcome: Outcome, value: StoredValue | undefined): void {
    this.#runs.delete(run.orderId);
    if (value !== undefined) this.#results.set(run.orderId, value);
    this.#options.onEvent({ type: "executed", orderId: run.orderId, outcome });
  }

  #newContext(): ExecContext {
    const options = this.#options;
    const limits = { ...execLimits, ...options.limits };
    return {
      limits,
      start: {
        limits,
        memoryLimitBytes: options.memoryLimitBytes,
        workerAddress: options.workerAddress ?? "",
      },
      logger: options.logger,
      emit: (event: ExecEvent) => options.onEvent(event),
      ended: (run, outcome, value) => this.#ended(run, outcome, value),
      failed: (run, type, error) => this.#failed(run, type, error),
      output: options.onOutput ?? ((chunk) => void process.stderr.write(chunk)),
      stuck: (slot, orderId, message) => {
        options.logger?.error({ slot, orderId }, message);
        options.onStuck?.({ slot, orderId, message });
      },
    };
  }
}
