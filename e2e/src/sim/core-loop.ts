// The turn of an event loop around one core: events of one turn are one step, then its outbox is
// carried out, and it is woken in time. Stands for the shells' loop; chance decides how long a
// turn is, so that batches of any size occur.
import type { Appointment } from "./clock.js";
import type { Random } from "./random.js";
import type { SimProcess } from "./sim-process.js";

export interface CoreLoopOptions<Event, Out> {
  step: (events: readonly Event[], nowMs: number) => Out;
  act: (out: Out, events: readonly Event[]) => void;
}

/** The longest that events wait for each other. */
const turnMsMax = 3;

export class CoreLoop<Event, Out extends { wakeAtMs: number | null }> {
  readonly #process: SimProcess;
  readonly #random: Random;
  readonly #options: CoreLoopOptions<Event, Out>;
  #events: Event[] = [];
  #isDue = false;
  #wake: Appointment | null = null;
  #stopped = false;

  constructor(process: SimProcess, random: Random, options: CoreLoopOptions<Event, Out>) {
    this.#process = process;
    this.#random = random;
    this.#options = options;
  }

  post(event: Event): void {
    if (this.#stopped) return;
    this.#events.push(event);
    this.#schedule();
  }

  /** Steps soon although nothing happened. */
  wake(): void {
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#wake !== null) this.#wake.run = null;
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const delayMs = this.#random.chance(0.5) ? 0 : this.#random.next() ** 3 * turnMsMax;
    this.#process.after(delayMs, () => this.#run());
  }

  #run(): void {
    this.#isDue = false;
    if (this.#stopped) return;
    const events = this.#events;
    this.#events = [];
    const out = this.#options.step(events, this.#process.nowMs);
    this.#options.act(out, events);
    this.#wakeAt(out.wakeAtMs ?? Number.POSITIVE_INFINITY);
  }

  #wakeAt(ownMs: number): void {
    if (this.#wake !== null) this.#wake.run = null;
    this.#wake = null;
    if (ownMs === Number.POSITIVE_INFINITY || this.#stopped) return;
    const clock = this.#process.clock;
    const atMs = Math.max(ownMs - this.#process.skewMs, clock.nowMs);
    this.#wake = clock.at(atMs, () => this.#process.do(() => this.#schedule()));
  }
}
