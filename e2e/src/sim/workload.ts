// Random graphs of the kinds that users write: maps, trees, diamonds, shuffles, chains. Chance
// decides what each task does besides returning a value, and where it may run.
import { type ConstraintSpec, type TaskKey, taskKey } from "@acme/protocol";
import type { Behaviour, Catalogue, Task, TaskInit } from "./catalogue.js";
import type { Random } from "./random.js";

/** How wild the tasks of one run are: parts of all tasks. */
export interface Temper {
  failing: number;
  flaky: number;
  /** That succeed once and fail later. */
  spoiling: number;
  deadly: number;
  seceding: number;
  restricted: number;
  /** Factor on all durations. */
  slowness: number;
  /** By which a single run may differ from the task's usual duration. */
  durationFactors: readonly number[] | null;
  /** Bytes of a large value. */
  largeBytes: number;
  /** Faults may take values that cannot be computed again. */
  losesData: boolean;
  /** Where tasks may be restricted to; each must be possible once all is well. */
  constraints: readonly ConstraintSpec[];
}

const shapes = ["map", "tree", "diamond", "shuffle", "chain", "mixed"] as const;

export class Workload {
  readonly #random: Random;
  readonly #catalogue: Catalogue;
  readonly #temper: Temper;
  readonly #prefix: string;
  #graphs = 0;

  /** @param prefix - of all keys */
  constructor(random: Random, catalogue: Catalogue, temper: Temper, prefix = "") {
    this.#prefix = prefix;
    this.#random = random;
    this.#catalogue = catalogue;
    this.#temper = temper;
  }

  /** A new graph of about this many tasks; `inputs` are keys that it may depend on. */
  graph(size: number, inputs: readonly TaskKey[]): Task[] {
    this.#graphs += 1;
    const shape = this.#random.pick(shapes);
    const rows = this.#rows(shape, size);
    const tasks: Task[] = [];
    const priority = this.#random.chance(0.2) ? this.#random.whole(-3, 3) : 0;
    for (const [index, row] of rows.entries()) {
      const inner = row.map((each) => (tasks[each] as Task).key);
      const outer = this.#random.chance(row.length === 0 ? 0.4 : 0.05)
        ? this.#random.sample(inputs, this.#random.whole(1, 2))
        : [];
      const dependencies = [...new Set([...inner, ...outer])];
      const init = this.#init(`${this.#prefix}${shape}-${this.#graphs}`, index, dependencies);
      tasks.push(this.#catalogue.define({ ...init, priority }));
    }
    return tasks;
  }

  /** New values for a client to scatter. */
  scattered(count: number): Task[] {
    this.#graphs += 1;
    const tasks = Array.from({ length: count }, (_, index) =>
      this.#catalogue.define({
        ...this.#init(`data-${this.#graphs}`, index, []),
        behaviour: calm(0),
        constraint: null,
        isScattered: true,
      }),
    );
    if (this.#temper.losesData) {
      const keys = tasks.map((task) => task.key);
      this.#catalogue.excuse(keys, "scattered data goes with its worker");
    }
    return tasks;
  }

  #init(name: string, index: number, dependencies: TaskKey[]): TaskInit {
    const random = this.#random;
    const temper = this.#temper;
    const wire = random.chance(0.1) ? [name, index] : `${name}-${index}`;
    const restricted = random.chance(temper.restricted) && temper.constraints.length > 0;
    const { behaviour, retries } = this.#behaviour();
    return {
      key: taskKey(wire),
      template: `f${random.below(6)}@1`,
      dependencies,
      behaviour,
      retries,
      priority: 0,
      constraint: restricted ? random.pick(temper.constraints) : null,
      nbytes: Math.round(random.skewed(100, random.chance(0.2) ? temper.largeBytes : 4_000)),
    };
  }

  #behaviour(): { behaviour: Behaviour; retries: number } {
    const random = this.#random;
    const temper = this.#temper;
    const behaviour = calm(random.skewed(0.2, 40) * temper.slowness);
    let retries = random.chance(0.1) ? random.whole(1, 3) : 0;
    if (random.chance(temper.failing)) behaviour.failures = Number.POSITIVE_INFINITY;
    else if (random.chance(temper.flaky)) {
      behaviour.failures = random.whole(1, 3);
      retries = random.chance(0.8) ? behaviour.failures : behaviour.failures - 1;
    }
    if (temper.spoiling > 0 && random.chance(temper.spoiling)) behaviour.spoils = true;
    if (random.chance(temper.deadly)) this.#makeDeadly(behaviour);
    if (random.chance(temper.seceding)) behaviour.secedes = true;
    if (random.chance(temper.seceding / 2)) behaviour.reschedules = 1;
    behaviour.isStubborn = random.chance(0.2);
    return { behaviour, retries };
  }

  #makeDeadly(behaviour: Behaviour): void {
    const random = this.#random;
    const deaths = random.chance(0.3) ? Number.POSITIVE_INFINITY : random.whole(1, 3);
    if (random.chance(0.5)) behaviour.executorDeaths = deaths;
    else behaviour.processDeaths = deaths;
  }

  /** For each task the earlier tasks that it needs. */
  #rows(shape: (typeof shapes)[number], size: number): number[][] {
    const random = this.#random;
    switch (shape) {
      case "map":
        return Array.from({ length: size }, () => []);
      case "chain":
        return Array.from({ length: size }, (_, i) => (i % 12 === 0 ? [] : [i - 1]));
      case "tree": {
        const leaves = Math.ceil(size / 2);
        let next = 0;
        return Array.from({ length: size }, (_, i) => (i < leaves ? [] : [next++, next++])).map(
          (row, i) => row.filter((each) => each < i),
        );
      }
      case "diamond":
        return Array.from({ length: size }, (_, i) => diamondRow(i));
      case "shuffle": {
        const width = Math.max(2, Math.floor(size / 3));
        return Array.from({ length: size }, (_, i) =>
          i < width
            ? []
            : i < 2 * width
              ? Array.from({ length: width }, (__, k) => k)
              : [i - width],
        );
      }
      default:
        return Array.from({ length: size }, (_, i) =>
          random.sample(
            Array.from({ length: i }, (__, k) => k),
            random.below(Math.min(4, i + 1)),
          ),
        );
    }
  }
}

/** One source, three in between, one sink; then again. */
function diamondRow(index: number): number[] {
  const at = index % 5;
  if (at === 0) return index === 0 ? [] : [index - 1];
  return at === 4 ? [index - 3, index - 2, index - 1] : [index - at];
}

const calm = (durationMs: number): Behaviour => ({
  durationMs,
  failures: 0,
  spoils: false,
  executorDeaths: 0,
  processDeaths: 0,
  secedes: false,
  reschedules: 0,
  isStubborn: false,
});
