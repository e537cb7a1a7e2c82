// What Python has imported before, so that a graph without other names need not be shown to it first:
// a worker that cannot read what it is sent loses its connection. Must not know graphs.
import { unfoldLimits } from "./limits.js";

export class KnownNames {
  readonly #names = new Set<string>();

  knows(names: ReadonlySet<string>): boolean {
    for (const name of names) if (!this.#names.has(name)) return false;
    return true;
  }

  /** Python has read a graph with these names. */
  learn(names: ReadonlySet<string>): void {
    if (this.#names.size + names.size > unfoldLimits.knownNames) this.#names.clear();
    for (const name of names) this.#names.add(name);
  }
}
