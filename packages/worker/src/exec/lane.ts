// One slot: runs its orders in the order given, one at a time, in its thread or in a child process,
// and replaces executors that die, are killed or are left by a task that secedes.
import type { Slot } from "../core/events.js";
import type { ChildPool } from "./child-pool.js";
import type { TemplateNumber } from "./commands.js";
import type { ExecutorExit } from "./executor.js";
import type { ExecContext, Run } from "./run.js";
import { Seat, type SeatListener } from "./seat.js";
import type { SlotEnvironment } from "./slot-devices.js";
import { ThreadExecutor } from "./thread-executor.js";

export class Lane implements SeatListener {
  readonly #slot: Slot;
  readonly #context: ExecContext;
  readonly #children: ChildPool;
  readonly #environment: SlotEnvironment;
  readonly #queue: Run[] = [];
  /** All executors that are not gone, also those that are ending or were left. */
  readonly #seats = new Set<Seat>();
  #thread: Seat | undefined;
  #child: Seat | undefined;
  #childIsForSuspects = false;
  /** The core was told that orders may come. */
  #isOpen = false;
  #failedStarts = 0;
  #startTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #onEmpty: (() => void) | undefined;

  constructor(slot: Slot, context: ExecContext, children: ChildPool, environment: SlotEnvironment) {
    this.#slot = slot;
    this.#context = context;
    this.#children = children;
    this.#environment = environment;
    this.#startThread();
  }

  /** Takes an order; `flush` hands it over. */
  add(run: Run): void {
    const impossible = this.#isClosing || (!this.#isOpen && run.order.executor === "thread");
    if (impossible) this.#context.ended(run, { type: "returned" });
    else this.#queue.push(run);
  }

  /** Gives an order back unless it has started. */
  retract(run: Run): void {
    const taken = this.#unqueue(run) || this.#seatOf(run)?.retract(run) === true;
    if (taken) this.#context.ended(run, { type: "returned" });
    else this.#context.emit({ type: "claimed", orderId: run.orderId });
  }

  cancel(run: Run): void {
    const seat = this.#seatOf(run);
    if (this.#unqueue(run) || seat?.retract(run) === true) {
      this.#context.ended(run, { type: "aborted" });
    } else seat?.cancel(run);
  }

  forget(template: TemplateNumber): void {
    for (const seat of this.#seats) seat.forget(template);
  }

  /** Hands over what can be handed over. */
  flush(): void {
    for (let run = this.#queue[0]; run !== undefined; run = this.#queue[0]) {
      const seat = this.#seatFor(run);
      if (seat === undefined) break;
      this.#queue.shift();
      seat.give(run);
    }
    this.#thread?.flush();
    this.#child?.flush();
  }

  collectGarbage(): void {
    for (const seat of this.#seats) seat.executor.collectGarbage();
  }

  /** Gives back what has not started, waits for the rest, then ends all executors. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#startTimer);
    clearTimeout(this.#idleTimer);
    this.#returnWaiting();
    await this.#until(() => [...this.#seats].every((seat) => seat.runs.size === 0), graceMs);
    for (const seat of this.#seats) {
      for (const run of seat.runs.values()) run.cancelled = true;
      seat.kill();
    }
    await this.#until(() => this.#seats.size === 0, this.#context.limits.stuckMs);
  }

  onReady(seat: Seat): void {
    if (seat !== this.#thread) return;
    this.#failedStarts = 0;
    this.#open();
  }

  onEnded(seat: Seat): void {
    if (seat.runs.size === 0) this.#onIdle(seat);
    if (this.#queue.length > 0) this.flush();
    this.#onEmpty?.();
  }

  onSeceded(seat: Seat, run: Run): void {
    if (!this.#isCurrent(seat)) return;
    this.#isOpen = false;
    this.#returnWaiting();
    this.#context.emit({ type: "seceded", orderId: run.orderId });
    if (seat === this.#thread) this.#startThread();
    else {
      this.#child = undefined;
      if (this.#thread?.isReady) this.#open();
    }
  }

  onSpoilt(seat: Seat): void {
    if (seat === this.#thread) {
      this.#lose();
      this.#startThread();
    } else if (seat === this.#child) this.#child = undefined;
    seat.kill();
    this.flush();
  }

  onDoomed(seat: Seat): void {
    if (seat === this.#thread) this.#lose();
  }

  onGone(seat: Seat, exit: ExecutorExit): void {
    this.#seats.delete(seat);
    if (seat === this.#thread) {
      this.#thread = undefined;
      this.#restartThread(seat, exit);
    } else if (seat === this.#child) {
      this.#child = undefined;
      this.flush();
    }
    this.#onEmpty?.();
  }

  #isCurrent(seat: Seat): boolean {
    return seat === this.#thread || seat === this.#child;
  }

  #seatFor(run: Run): Seat | undefined {
    const thread = this.#thread;
    if (run.order.executor === "thread") {
      if (this.#child !== undefined && this.#child.runs.size > 0) return undefined;
      return thread?.isReady && thread.hasRoom ? thread : undefined;
    }
    if (thread !== undefined && thread.runs.size > 0) return undefined;
    const seat = this.#childFor(run);
    return seat.hasRoom ? seat : undefined;
  }

  #childFor(run: Run): Seat {
    clearTimeout(this.#idleTimer);
    const known = this.#child;
    if (known !== undefined) {
      // Suspects follow each other in one child, but never share it with ordinary tasks.
      if (run.order.isolate === this.#childIsForSuspects || known.runs.size > 0) return known;
      known.close();
    }
    this.#childIsForSuspects = run.order.isolate;
    const seat = new Seat(this.#children.take(this.#environment), this.#slot, this.#context, this);
    this.#seats.add(seat);
    this.#child = seat;
    return seat;
  }

  #seatOf(run: Run): Seat | undefined {
    for (const seat of this.#seats) if (seat.runs.has(run.orderId)) return seat;
    return undefined;
  }

  #unqueue(run: Run): boolean {
    const at = this.#queue.indexOf(run);
    if (at >= 0) this.#queue.splice(at, 1);
    return at >= 0;
  }

  #onIdle(seat: Seat): void {
    if (!this.#isCurrent(seat)) seat.close();
    else if (seat === this.#child) {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = setTimeout(() => {
        if (this.#child !== seat) return;
        this.#child = undefined;
        seat.close();
      }, this.#context.limits.idleChildMs).unref();
    }
  }

  #open(): void {
    if (this.#isOpen || this.#isClosing) return;
    this.#isOpen = true;
    this.#context.emit({ type: "executor-ready", slot: this.#slot });
  }

  #lose(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isClosing) this.#context.emit({ type: "executor-lost", slot: this.#slot });
    this.#returnWaiting();
  }

  #returnWaiting(): void {
    const taken: Run[] = [];
    for (const seat of this.#seats) taken.push(...seat.retractAll());
    taken.push(...this.#queue.splice(0));
    for (const run of taken) this.#context.ended(run, { type: "returned" });
  }

  #startThread(): void {
    if (this.#isClosing) return;
    const name = `executor-${this.#slot}`;
    const executor = new ThreadExecutor(this.#context.start, name, this.#environment);
    this.#thread = new Seat(executor, this.#slot, this.#context, this);
    this.#seats.add(this.#thread);
  }

  #restartThread(gone: Seat, exit: ExecutorExit): void {
    if (this.#isClosing) return;
    const fields = { slot: this.#slot, who: exit.who, what: exit.what };
    if (gone.executor.isReady) {
      this.#context.logger?.warn(fields, "An executor ended and is replaced");
      this.#startThread();
      return;
    }
    const { startRetryMs, startRetryMaxMs } = this.#context.limits;
    const pauseMs = Math.min(startRetryMs * 2 ** this.#failedStarts, startRetryMaxMs);
    this.#failedStarts += 1;
    this.#context.logger?.error({ ...fields, pauseMs }, "An executor could not start");
    this.#startTimer = setTimeout(() => this.#startThread(), pauseMs);
  }

  async #until(isDone: () => boolean, timeoutMs: number): Promise<void> {
    if (isDone()) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
      this.#onEmpty = () => {
        if (isDone()) resolve();
      };
    });
    clearTimeout(timer);
    this.#onEmpty = undefined;
  }
}
