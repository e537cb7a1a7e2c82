// Virtual time: a heap of what happens next. Things at the same time happen in the order in which
// they were asked for. Must not know who asks.

/** Something that will happen; set `run` to null to call it off. */
export interface Appointment {
  atMs: number;
  sequence: number;
  run: (() => void) | null;
}

export class Clock {
  nowMs: number;
  /** Things that have happened. */
  ticks = 0;
  readonly #heap: Appointment[] = [];
  #sequence = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  after(delayMs: number, run: () => void): Appointment {
    return this.at(this.nowMs + delayMs, run);
  }

  at(atMs: number, run: () => void): Appointment {
    const appointment = { atMs: Math.max(atMs, this.nowMs), sequence: this.#sequence++, run };
    const heap = this.#heap;
    let place = heap.length;
    heap.push(appointment);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(appointment, heap[parent] as Appointment)) break;
      heap[place] = heap[parent] as Appointment;
      place = parent;
    }
    heap[place] = appointment;
    return appointment;
  }

  /** Lets time pass until `isDone`, or until a time; true if it was done. */
  runUntil(limitMs: number, isDone: () => boolean): boolean {
    while (!isDone()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > limitMs) return false;
      this.#pop();
      if (next.run === null) continue;
      this.nowMs = next.atMs;
      this.ticks += 1;
      next.run();
    }
    return true;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Appointment;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Appointment)) child += 1;
      if (!isBefore(heap[child] as Appointment, last)) break;
      heap[place] = heap[child] as Appointment;
      place = child;
    }
    heap[place] = last;
  }
}

const isBefore = (a: Appointment, b: Appointment): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
