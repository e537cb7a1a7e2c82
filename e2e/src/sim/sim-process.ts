// One operating system process: it can freeze, thaw and die, and its clock may be wrong. Whatever
// reaches it goes through `do`, so that a dead one does nothing and a frozen one does it later.
import type { Appointment, Clock } from "./clock.js";

export class SimProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly skewMs: number;
  isAlive = true;
  #thawAtMs = 0;
  #backlog: (() => void)[] = [];
  readonly #mourners = new Set<() => void>();

  constructor(name: string, clock: Clock, skewMs = 0) {
    this.name = name;
    this.clock = clock;
    this.skewMs = skewMs;
  }

  /** What its own clock shows. */
  get nowMs(): number {
    return this.clock.nowMs + this.skewMs;
  }

  get isFrozen(): boolean {
    return this.#thawAtMs > this.clock.nowMs;
  }

  do(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen || this.#backlog.length > 0) this.#backlog.push(act);
    else act();
  }

  after(delayMs: number, act: () => void): Appointment {
    return this.clock.after(delayMs, () => this.do(act));
  }

  freeze(forMs: number): void {
    this.#thawAtMs = Math.max(this.#thawAtMs, this.clock.nowMs + forMs);
    this.clock.at(this.#thawAtMs, () => this.#thaw());
  }

  /** Calls this once when the process dies; returns how to take that back. */
  onDeath(mourn: () => void): () => void {
    this.#mourners.add(mourn);
    return () => this.#mourners.delete(mourn);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#backlog = [];
    for (const mourn of [...this.#mourners]) mourn();
  }

  #thaw(): void {
    if (!this.isAlive || this.isFrozen) return;
    const backlog = this.#backlog;
    while (backlog.length > 0 && !this.isFrozen) {
      const act = backlog[0] as () => void;
      act();
      if (!this.isAlive) return;
      backlog.shift();
    }
  }
}
