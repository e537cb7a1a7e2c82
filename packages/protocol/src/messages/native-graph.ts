// A task graph between our own peers: columnar, so that a map of 10^5 calls is a few buffers.
// Only shapes live here; the client writes them, the scheduler core unfolds them.
import { fieldLimits } from "../limits.js";
import {
  amount,
  bool,
  bytes,
  count,
  either,
  integerIn,
  key,
  list,
  literal,
  mapOf,
  name,
  nullable,
  number,
  optional,
  record,
  serialized,
} from "./schema.js";

/** Where and how tasks may run; interned by the scheduler per distinct content. */
const constraintSpec = record({
  lang: optional(name),
  /** Addresses, names or hosts, as dask's `workers=`. */
  workers: optional(list(name)),
  allow_other_workers: optional(bool),
  resources: optional(mapOf(name, amount)),
  slots: optional(integerIn(1, fieldLimits.slots)),
  executor: optional(name),
  max_duration_ms: optional(amount),
  memory_bytes: optional(amount),
});
export type ConstraintSpec = ReturnType<typeof constraintSpec>;

/** A function with its shared arguments, by content hash; `dependencies` are those arguments. */
const taskTemplate = record({
  id: name,
  name,
  /** Null: the sender knows that one of its own tasks still has it there. */
  body: nullable(serialized),
  dependencies: list(count),
});
export type TaskTemplate = ReturnType<typeof taskTemplate>;

const constraint = integerIn(-1, 2 ** 32);

export const nativeGraph = record({
  templates: list(taskTemplate),
  keys: list(key),
  /** Keys outside this graph that it depends on. */
  external: list(key),
  /** Index into `templates`: one for all tasks, or one per task. */
  template_of: either(count, list(count)),
  /** How many tasks one slab of items holds. */
  slab_tasks: integerIn(1, 2 ** 32),
  /** Two frames per slab: count + 1 little-endian u32 offsets, then the items concatenated. */
  items: serialized,
  buffers: nullable(serialized),
  /** Sparse: for a task, which frames of `buffers` it needs, in order. */
  buffer_of: mapOf(count, list(count)),
  /** Two frames, u32 offsets (n + 1) and u32 indices: below n a key of this graph, else external. */
  dependencies: nullable(serialized),
  /** Which of `keys` the client wants. */
  desired: either(literal("all"), list(count)),
  constraints: list(constraintSpec),
  /** -1: no constraint. */
  constraint_of: either(constraint, list(constraint)),
  retries: either(count, mapOf(count, count)),
  user_priority: either(number, mapOf(count, number)),
});
export type NativeGraph = ReturnType<typeof nativeGraph>;

/** What one of our workers needs to run a task of a native graph. */
export const nativeRunSpec = record({
  template: name,
  items: bytes,
  buffers: optional(serialized),
  /** Run alone in a child process: this task was on a worker that died. */
  isolate: optional(bool),
});
export type NativeRunSpec = ReturnType<typeof nativeRunSpec>;
