// One executor and the orders it has: hands them over in batches, takes results out of cells and
// reports, takes orders back, and says what became of each when the executor ends. It must not
// know which orders come next, nor what replaces the executor: that is the lane's.
import { assert, assertNever } from "@acme/protocol";
import type { OrderId, Slot } from "../core/events.js";
import type { StoredValue } from "../store/spill-files.js";
import { cellState } from "./cells.js";
import { noTemplate, type TemplateNumber, writeCommand } from "./commands.js";
import type { Executor, ExecutorExit, ExecutorListener } from "./executor.js";
import { ExecutorDiedError, errorOutcome, okOutcome } from "./outcomes.js";
import type { Report } from "./reports.js";
import type { ExecContext, Run } from "./run.js";
import { type FormedValue, formed, payloadOf, valueForms } from "./value-form.js";

/** What a lane is told about its executors. */
export interface SeatListener {
  onReady(seat: Seat): void;
  /** An order ended: there may be room for the next. */
  onEnded(seat: Seat): void;
  onSeceded(seat: Seat, run: Run): void;
  /** It must be replaced. Nothing runs in it. */
  onSpoilt(seat: Seat): void;
  /** It is about to end, or has ended, and its orders are not settled yet. */
  onDoomed(seat: Seat): void;
  /** All its orders have ended. */
  onGone(seat: Seat, exit: ExecutorExit): void;
}

type EndReport = Extract<Report, { type: "ok" | "error" | "foreign" | "rescheduled" | "aborted" }>;

export class Seat implements ExecutorListener {
  readonly executor: Executor;
  /** Orders handed over, the running one first. */
  readonly runs = new Map<OrderId, Run>();
  readonly #slot: Slot;
  readonly #context: ExecContext;
  readonly #listener: SeatListener;
  readonly #learned = new Set<TemplateNumber>();
  readonly #freeCells: number[] = [];
  /** Cells of orders taken back that the executor did not come by yet. */
  #passedCells: number[] = [];
  /** Inputs in the batch being written, by their number there. */
  readonly #inputs = new Map<string, { readonly number: number; readonly value: StoredValue }>();
  #inputCount = 0;
  #killTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #isKilled = false;

  constructor(executor: Executor, slot: Slot, context: ExecContext, listener: SeatListener) {
    this.executor = executor;
    this.#slot = slot;
    this.#context = context;
    this.#listener = listener;
    const cells = executor.cells?.count ?? 0;
    for (let cell = cells - 1; cell >= 0; cell--) this.#freeCells.push(cell);
    executor.attach(this, (chunk) => context.output(chunk, slot));
  }

  get isReady(): boolean {
    return this.executor.isReady && !this.#isKilled;
  }

  /** True if it can take one more order. */
  get hasRoom(): boolean {
    if (this.#isKilled || this.runs.size >= this.executor.capacity) return false;
    if (this.executor.cells === null || this.#freeCells.length > 0) return true;
    this.#reclaim();
    return this.#freeCells.length > 0;
  }

  /** Hands an order over, with the next `flush`. */
  give(run: Run): void {
    const { writer, cells } = this.executor;
    run.cell = cells === null ? -1 : this.#newCell();
    if (run.template !== null && !this.#learned.has(run.template.number)) {
      this.#learned.add(run.template.number);
      const { number: template, frames } = run.template;
      writeCommand(writer, { type: "learn", template, frames });
    }
    const inputs = run.inputs.map((value, at) => {
      return this.#giveInput(run.order.dependencies[at] as string, value);
    });
    writeCommand(writer, {
      type: "run",
      orderId: run.orderId,
      cell: run.cell,
      key: run.order.key,
      template: run.template?.number ?? noTemplate,
      items: run.items,
      inputs,
    });
    this.runs.set(run.orderId, run);
  }

  flush(): void {
    this.#inputs.clear();
    this.#inputCount = 0;
    this.executor.flush();
    if (this.runs.size > 1) this.#lookLater();
  }

  forget(template: TemplateNumber): void {
    if (!this.#learned.delete(template) || this.#isKilled) return;
    writeCommand(this.executor.writer, { type: "forget", template });
  }

  /** Takes an order back; false: it has started. */
  retract(run: Run): boolean {
    const { cells } = this.executor;
    if (cells === null || !cells.swap(run.cell, cellState.handed, cellState.retracted)) {
      return false;
    }
    this.#passedCells.push(run.cell);
    this.runs.delete(run.orderId);
    return true;
  }

  /** Takes back all that has not started. */
  retractAll(): Run[] {
    return [...this.runs.values()].filter((run) => this.retract(run));
  }

  /** Tells a started order to stop, and kills the executor if it does not soon. */
  cancel(run: Run): void {
    if (run.cancelled) return;
    run.cancelled = true;
    this.executor.cells?.swap(run.cell, cellState.running, cellState.cancelled);
    writeCommand(this.executor.writer, { type: "cancel", orderId: run.orderId });
    this.flush();
    this.#killTimer ??= setTimeout(() => this.#kill(run), this.#context.limits.cancelGraceMs);
  }

  /** Ends the executor; its orders are settled when it is gone. */
  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    clearTimeout(this.#killTimer);
    clearTimeout(this.#lookTimer);
    this.executor.kill();
  }

  /** Ends an executor that has nothing to do. */
  close(): void {
    assert(this.runs.size === 0, "an executor with orders was closed");
    this.#isKilled = true;
    this.executor.close();
  }

  onBell(): void {
    const { cells } = this.executor;
    if (cells === null) return;
    cells.answer();
    let ended = false;
    for (const run of this.runs.values()) {
      if (cells.state(run.cell) !== cellState.endedHere) break;
      const result = cells.take(run.cell);
      this.#release(run);
      this.#endOk(run, result, { form: valueForms.acme, frames: [result.frame] });
      ended = true;
    }
    if (ended) this.#listener.onEnded(this);
  }

  onReport(report: Report): void {
    switch (report.type) {
      case "ready":
        this.#listener.onReady(this);
        return;
      case "ok":
      case "error":
      case "foreign":
      case "rescheduled":
      case "aborted":
        this.#onEnd(report);
        return;
      case "seceded": {
        const run = this.runs.get(report.orderId);
        if (run !== undefined) this.#listener.onSeceded(this, run);
        return;
      }
      case "stray":
        this.#context.logger?.error(
          { slot: this.#slot, error: report.text },
          "Code of a task failed after the task had ended; its executor is replaced",
        );
        return;
      case "spoilt":
        this.#listener.onSpoilt(this);
        return;
      default:
        assertNever(report);
    }
  }

  onExit(exit: ExecutorExit): void {
    this.#listener.onDoomed(this);
    this.#isKilled = true;
    clearTimeout(this.#killTimer);
    clearTimeout(this.#lookTimer);
    const { cells } = this.executor;
    const runs = [...this.runs.values()];
    this.runs.clear();
    for (const run of runs) {
      const state = cells?.state(run.cell) ?? (this.executor.isReady ? cellState.running : -1);
      this.#settle(run, state, exit);
    }
    this.#listener.onGone(this, exit);
  }

  onStuck(what: string): void {
    const [run] = this.runs.values();
    this.#context.stuck(this.#slot, run?.orderId, what);
  }

  #onEnd(report: EndReport): void {
    const run = this.runs.get(report.orderId);
    if (run === undefined) return;
    this.#release(run);
    if (report.type === "ok") this.#endOk(run, report, report);
    else if (report.type === "error" || report.type === "foreign") {
      this.#context.ended(run, errorOutcome(report));
    } else this.#context.ended(run, { type: report.type });
    this.#listener.onEnded(this);
  }

  #endOk(run: Run, result: Parameters<typeof okOutcome>[0], formedValue: FormedValue): void {
    const value = payloadOf(formedValue);
    this.#context.ended(run, okOutcome(result, value, this.#context.limits.inlineBytes), value);
  }

  // The executor is gone: the state of the cell tells how far each of its orders had come.
  #settle(run: Run, state: number, exit: ExecutorExit): void {
    const context = this.#context;
    const wasRunning = state === cellState.running || state === cellState.cancelled;
    if (run.cancelled) context.ended(run, { type: "aborted" });
    else if (this.executor.kind === "thread" && !wasRunning) {
      context.ended(run, { type: "returned" });
    } else {
      const type = wasRunning ? "died" : "error";
      context.failed(run, type, new ExecutorDiedError(run, exit));
    }
  }

  // The executor says nothing between tasks that it expects to be quick. One that is not must not
  // keep back those that ended before it.
  #lookLater(): void {
    if (this.executor.cells === null || this.#isKilled) return;
    this.#lookTimer ??= setTimeout(() => {
      this.#lookTimer = undefined;
      this.onBell();
      if (this.runs.size > 1) this.#lookLater();
    }, this.#context.limits.lookMs);
  }

  #kill(run: Run): void {
    this.#killTimer = undefined;
    if (!this.runs.has(run.orderId)) return;
    this.#listener.onDoomed(this);
    this.kill();
  }

  #release(run: Run): void {
    this.runs.delete(run.orderId);
    if (run.cell >= 0) this.#freeCells.push(run.cell);
    if (run.cancelled) {
      clearTimeout(this.#killTimer);
      this.#killTimer = undefined;
    }
  }

  #newCell(): number {
    const cell = this.#freeCells.pop();
    assert(cell !== undefined, "an order was given to an executor without room");
    this.executor.cells?.setState(cell, cellState.handed);
    return cell;
  }

  #reclaim(): void {
    const waiting: number[] = [];
    for (const cell of this.#passedCells) {
      if (this.executor.cells?.state(cell) === cellState.free) this.#freeCells.push(cell);
      else waiting.push(cell);
    }
    this.#passedCells = waiting;
  }

  #giveInput(key: string, value: StoredValue): number {
    const known = this.#inputs.get(key);
    if (known?.value === value) return known.number;
    const number = this.#inputCount++;
    this.#inputs.set(key, { number, value });
    writeCommand(this.executor.writer, { type: "input", key, ...formed(value) });
    return number;
  }
}
