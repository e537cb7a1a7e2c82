// The one choke point of the scheduler's shell: events of one event-loop turn become one step of
// the core, then its outbox is carried out. Decides nothing; a journal would append in `commit`.
import type { SchedulerEvent } from "../core/events.js";
import { clearOutbox, newOutbox, type Outbox } from "../core/outbox.js";
import type { SchedulerState } from "../core/state.js";
import { step } from "../core/step.js";

export interface TurnLoopOptions {
  state: SchedulerState;
  /** Carries out what a step asked for. */
  send: (out: Outbox) => void;
  /** Called instead of throwing into the event loop when a step or its sending throws. */
  onCrash: (error: unknown) => void;
  /** Checks the whole state after each step; for tests and `ACME_VALIDATE`. */
  validate?: ((state: SchedulerState) => void) | undefined;
}

/** Longest time a Node timer can wait. */
const timerMsMax = 2 ** 31 - 1;

export class TurnLoop {
  readonly state: SchedulerState;
  readonly #options: TurnLoopOptions;
  #events: SchedulerEvent[] = [];
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #out = newOutbox();
  #stopped = false;
  /** Steps done and the longest of them, for metrics. */
  readonly counters = { steps: 0, events: 0, longestStepMs: 0, busyMs: 0 };

  constructor(options: TurnLoopOptions) {
    this.state = options.state;
    this.#options = options;
  }

  /** Adds an event to the batch of this turn. */
  post(event: SchedulerEvent): void {
    if (this.#stopped) return;
    this.#events.push(event);
    this.#turn ??= setImmediate(this.#run);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    clearTimeout(this.#timer);
  }

  readonly #run = (): void => {
    this.#turn = undefined;
    if (this.#stopped) return;
    const events = this.#events;
    this.#events = [];
    const startedMs = performance.now();
    try {
      step(this.state, events, performance.timeOrigin + startedMs, this.#out);
      this.#options.validate?.(this.state);
      this.#commit();
      this.#options.send(this.#out);
    } catch (error) {
      this.stop();
      this.#options.onCrash(error);
      return;
    }
    this.#wakeAt(this.#out.wakeAtMs);
    clearOutbox(this.#out);
    this.#count(events.length, performance.now() - startedMs);
  };

  /** Between deciding and telling: where a journal will make this turn durable. */
  #commit(): void {}

  #wakeAt(wakeAtMs: number): void {
    if (wakeAtMs === this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = wakeAtMs;
    if (wakeAtMs === Number.POSITIVE_INFINITY) return;
    const delayMs = wakeAtMs - performance.timeOrigin - performance.now();
    this.#timer = setTimeout(this.#wake, Math.min(Math.max(delayMs, 0), timerMsMax));
  }

  readonly #wake = (): void => {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#turn ??= setImmediate(this.#run);
  };

  #count(events: number, tookMs: number): void {
    this.counters.steps += 1;
    this.counters.events += events;
    this.counters.busyMs += tookMs;
    if (tookMs > this.counters.longestStepMs) this.counters.longestStepMs = tookMs;
  }
}
