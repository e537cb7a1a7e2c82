// Every task that a run ever defines, what it does when it is run, and what must come of it. The
// only room that knows the right answers. Must not know who runs what.
import type { ConstraintSpec, TaskKey } from "@acme/protocol";
import { hashText, mix, type SimValue } from "./payload.js";

/** What running a task does, besides returning its value. */
export interface Behaviour {
  durationMs: number;
  /** Attempts that raise before one succeeds; Infinity: all do. */
  failures: number;
  /** Raises when it runs again after it has succeeded. */
  spoils: boolean;
  /** Attempts that take their executor with them. */
  executorDeaths: number;
  /** Attempts that take the whole process with them, unless the task runs in a process of its own. */
  processDeaths: number;
  /** Leaves its slot while it runs. */
  secedes: boolean;
  /** Attempts that ask to run elsewhere. */
  reschedules: number;
  /** Does not stop when it is told to. */
  isStubborn: boolean;
}

export interface Task {
  readonly key: TaskKey;
  readonly number: number;
  readonly template: string;
  readonly dependencies: readonly TaskKey[];
  readonly behaviour: Behaviour;
  readonly retries: number;
  readonly priority: number;
  readonly constraint: ConstraintSpec | null;
  readonly nbytes: number;
  /** Given by a client, not computed. */
  readonly isScattered: boolean;
  /** What it must be if it succeeds, or null if it must fail. */
  readonly value: SimValue | null;
  /** Hashes of the keys whose error may be reported for it; empty: it must succeed. */
  readonly culprits: ReadonlySet<number>;
  /** How often it was run, so that behaviour can change. */
  attempts: {
    failures: number;
    executorDeaths: number;
    processDeaths: number;
    reschedules: number;
    successes: number;
  };
}

export type TaskInit = Pick<
  Task,
  | "key"
  | "template"
  | "dependencies"
  | "behaviour"
  | "retries"
  | "priority"
  | "constraint"
  | "nbytes"
> & { isScattered?: boolean };

export class Catalogue {
  readonly tasks = new Map<TaskKey, Task>();
  readonly byNumber: Task[] = [];
  /** Keys that may be cancelled although their clients did not ask for it, and why. */
  readonly excuses = new Map<TaskKey, string>();
  /** Somebody asked for a restart: what is submitted until it happens goes with it. */
  isRestartAsked = false;
  readonly #dependents = new Map<TaskKey, TaskKey[]>();

  define(init: TaskInit): Task {
    const known = this.tasks.get(init.key);
    if (known !== undefined) return known;
    const culprits = this.#culpritsOf(init);
    const value = this.#mustFail(init) ? null : this.#valueOf(init);
    const task: Task = {
      ...init,
      isScattered: init.isScattered ?? false,
      number: this.byNumber.length,
      value,
      culprits,
      attempts: { failures: 0, executorDeaths: 0, processDeaths: 0, reschedules: 0, successes: 0 },
    };
    this.tasks.set(task.key, task);
    this.byNumber.push(task);
    for (const dependency of task.dependencies) {
      const list = this.#dependents.get(dependency) ?? [];
      list.push(task.key);
      this.#dependents.set(dependency, list);
      const excuse = this.excuses.get(dependency);
      if (excuse !== undefined) this.excuse([task.key], excuse);
    }
    return task;
  }

  /** These keys, and all that needs them, may end as cancelled. */
  excuse(keys: Iterable<TaskKey>, why: string): void {
    const rest = [...keys];
    for (let key = rest.pop(); key !== undefined; key = rest.pop()) {
      if (this.excuses.has(key)) continue;
      this.excuses.set(key, why);
      rest.push(...(this.#dependents.get(key) ?? []));
    }
  }

  /** All that needs one of these, themselves included. */
  downstream(keys: Iterable<TaskKey>): Set<TaskKey> {
    const found = new Set<TaskKey>();
    const rest = [...keys];
    for (let key = rest.pop(); key !== undefined; key = rest.pop()) {
      if (found.has(key)) continue;
      found.add(key);
      rest.push(...(this.#dependents.get(key) ?? []));
    }
    return found;
  }

  #culpritsOf({ key, dependencies, behaviour, retries }: TaskInit): Set<number> {
    const culprits = new Set<number>();
    for (const dependency of dependencies) {
      for (const each of this.#known(dependency).culprits) culprits.add(each);
    }
    const mayFail = behaviour.failures > retries || behaviour.spoils || isKiller(behaviour);
    if (mayFail) culprits.add(hashText(key));
    return culprits;
  }

  #mustFail({ dependencies, behaviour }: TaskInit): boolean {
    if (behaviour.failures === Number.POSITIVE_INFINITY || isKiller(behaviour)) return true;
    return dependencies.some((key) => this.#known(key).value === null);
  }

  #valueOf({ key, dependencies, template, nbytes }: TaskInit): SimValue {
    const inputs = dependencies.map((each) => [each, this.#known(each).value as SimValue] as const);
    return { hash: hashCall(key, template, inputs), keyHash: hashText(key), nbytes };
  }

  #known(key: TaskKey): Task {
    const task = this.tasks.get(key);
    if (task === undefined) throw new Error(`the simulation never defined ${key}`);
    return task;
  }
}

const isKiller = ({ executorDeaths, processDeaths }: Behaviour): boolean =>
  executorDeaths + processDeaths === Number.POSITIVE_INFINITY;

/** What a call returns: it changes with the function, the key and every input. */
export function hashCall(
  key: TaskKey,
  template: string,
  inputs: readonly (readonly [TaskKey, SimValue])[],
): number {
  let hash = mix(hashText(key), hashText(template));
  const inOrder = [...inputs].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  for (const [input, value] of inOrder) {
    hash = mix(mix(mix(hash, hashText(input)), value.keyHash), value.hash);
  }
  return hash;
}
