// Where tasks may run. Interned by content, so that a graph of any size costs a few of these;
// each caches the workers that fit until workers change, and holds its own ready queue, so that a
// restricted task never stands in front of one that could run. Covers dask's worker, host and
// resource restrictions, and languages.
import type { ConstraintSpec } from "@acme/protocol";
import type { Buckets } from "./buckets.js";
import { ReadyQueue } from "./ready-queue.js";
import type { Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

export class Constraint {
  readonly id: string;
  readonly spec: ConstraintSpec;
  /** Asks for more than a language. */
  readonly restricted: boolean;
  /** What a worker has to know of it, in the annotations of its tasks. */
  readonly annotations: ReadonlyMap<string, unknown>;
  /** Workers that fit and accept work; current when `version` is the state's. */
  valid: Set<WorkerState> = new Set();
  /** The same in an array, to sample from; made when asked for. */
  validList: WorkerState[] | null = null;
  version = -1;
  /** Where the workers of its language are that have room. */
  readonly open: Buckets;
  /** Live tasks. */
  size = 0;
  readonly queue: ReadyQueue = new ReadyQueue();
  /** Tasks that nobody may run at present, and since when. */
  readonly unrunnable: Map<Task, number> = new Map();
  /** Tasks are queued and nobody may run them, since then; Infinity: somebody may. */
  starvedSinceMs = Number.POSITIVE_INFINITY;

  constructor(id: string, spec: ConstraintSpec, open: Buckets) {
    this.open = open;
    this.id = id;
    this.spec = spec;
    this.annotations = annotationsOf(spec);
    this.restricted = Object.keys(spec).some((name) => name !== "lang");
  }
}

function annotationsOf(spec: ConstraintSpec): Map<string, unknown> {
  const annotations = new Map<string, unknown>();
  if (spec.executor !== undefined) annotations.set("executor", spec.executor);
  if (spec.slots !== undefined && spec.slots > 1) annotations.set("slots", spec.slots);
  return annotations;
}

/** Two specs with the same content have the same id. */
export function constraintId(spec: ConstraintSpec): string {
  return JSON.stringify([
    spec.lang ?? null,
    spec.workers === undefined ? null : [...new Set(spec.workers)].sort(),
    spec.allow_other_workers === true,
    spec.resources === undefined
      ? null
      : [...spec.resources].sort((a, b) => (a[0] < b[0] ? -1 : 1)),
    spec.slots ?? 1,
    spec.executor ?? null,
    spec.max_duration_ms ?? null,
    spec.memory_bytes ?? null,
  ]);
}

/** Whether a worker fits all but `workers`; paused and leaving workers are sorted out elsewhere. */
export function fits(spec: ConstraintSpec, worker: WorkerState): boolean {
  if (spec.lang !== undefined && spec.lang !== worker.lang) return false;
  if (spec.slots !== undefined && spec.slots > worker.nthreads) return false;
  if (
    spec.memory_bytes !== undefined &&
    worker.memoryLimitBytes !== null &&
    spec.memory_bytes > worker.memoryLimitBytes
  ) {
    return false;
  }
  if (spec.resources !== undefined) {
    for (const [name, amount] of spec.resources) {
      if ((worker.resources.get(name) ?? 0) < amount) return false;
    }
  }
  return true;
}

/** Whether `workers` (addresses, names, hosts) names this worker. */
export function isNamed(spec: ConstraintSpec, worker: WorkerState): boolean {
  const named = spec.workers;
  if (named === undefined) return true;
  return (
    named.includes(worker.address) ||
    named.includes(worker.host) ||
    named.includes(String(worker.name))
  );
}
