// The one choke point of every shell: events of one event-loop turn become one step of a core,
// then its outbox is carried out. Decides nothing and knows no core; a journal would be written
// between the two.
import { ProgramError } from "@acme/protocol";

/** What a core wants done; the loop itself only reads when to step again. */
export interface Wakeable {
  /** Step no later than this, milliseconds since the epoch; null or Infinity: no need. */
  readonly wakeAtMs: number | null;
}

/** What a {@link TurnLoop} drives. */
export interface TurnLoopOptions<Event, Out extends Wakeable> {
  /** Applies the events and gives a fresh outbox. */
  step: (events: readonly Event[], nowMs: number) => Out;
  /** Carries out what the step asked for. */
  act: (out: Out, events: readonly Event[]) => void;
  /** Called instead of throwing into the event loop; the loop has stopped then. */
  onCrash: (error: unknown) => void;
  /** Whether waiting to be woken keeps the process alive; default true. */
  keepsAlive?: boolean | undefined;
}

/** Longest time a Node timer can wait. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Collects events and steps a core once per event-loop turn, and when the core wants to be woken.
 *
 * @example
 * ```ts
 * const loop = new TurnLoop({
 *   step: (events, nowMs) => {
 *     const out = newOutbox();
 *     step(state, events, nowMs, out);
 *     return out;
 *   },
 *   act: (out) => send(out),
 *   onCrash: (error) => console.error(error),
 * });
 * loop.post({ type: "request", requestId, request });
 * ```
 */
export class TurnLoop<Event, Out extends Wakeable> {
  readonly #options: TurnLoopOptions<Event, Out>;
  #events: Event[] = [];
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #stepping = false;
  #stopped = false;
  /** What was done so far, for metrics. */
  readonly counters = { steps: 0, events: 0, busyMs: 0, longestStepMs: 0 };

  constructor(options: TurnLoopOptions<Event, Out>) {
    this.#options = options;
  }

  /** The event posted last, while no step has taken it; a batch may still be put into it. */
  get last(): Event | undefined {
    return this.#events.at(-1);
  }

  /** Adds an event to the batch of this turn; ignored once stopped. */
  post(event: Event): void {
    if (this.#stopped) return;
    this.#events.push(event);
    this.#turn ??= setImmediate(this.#run);
  }

  /** Steps at the end of this turn even if nothing happened. */
  wake(): void {
    if (!this.#stopped) this.#turn ??= setImmediate(this.#run);
  }

  /** Steps no sooner than what was put off until the end of this turn before. */
  yield(): void {
    if (this.#turn === undefined) return;
    clearImmediate(this.#turn);
    this.#turn = setImmediate(this.#run);
  }

  /** Steps at once, with everything posted so far before these events. */
  now(...events: readonly Event[]): void {
    if (this.#stopped) return;
    if (this.#stepping) throw new ProgramError("a step was asked for inside a step");
    this.#events.push(...events);
    clearImmediate(this.#turn);
    this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearImmediate(this.#turn);
    clearTimeout(this.#timer);
  }

  readonly #run = (): void => {
    this.#turn = undefined;
    const events = this.#events;
    this.#events = [];
    const startedMs = performance.now();
    this.#stepping = true;
    try {
      const out = this.#options.step(events, performance.timeOrigin + startedMs);
      this.#stepping = false;
      this.#options.act(out, events);
      this.#wakeAt(out.wakeAtMs ?? Number.POSITIVE_INFINITY);
    } catch (error) {
      this.stop();
      this.#options.onCrash(error);
      return;
    }
    this.#count(events.length, performance.now() - startedMs);
  };

  #wakeAt(wakeAtMs: number): void {
    if (wakeAtMs === this.#timerAtMs || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = wakeAtMs;
    if (wakeAtMs === Number.POSITIVE_INFINITY) return;
    const delayMs = wakeAtMs - performance.timeOrigin - performance.now();
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.max(delayMs, 0), timerMsMax));
    if (this.#options.keepsAlive === false) this.#timer.unref();
  }

  readonly #onTimer = (): void => {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.wake();
  };

  #count(events: number, tookMs: number): void {
    const { counters } = this;
    counters.steps += 1;
    counters.events += events;
    counters.busyMs += tookMs;
    if (tookMs > counters.longestStepMs) counters.longestStepMs = tookMs;
  }
}
