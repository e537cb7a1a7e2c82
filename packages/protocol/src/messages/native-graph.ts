// A task graph between our own peers: columnar, so that a map of 10^5 calls is a few buffers.
// Only shapes live here; the client writes them, the scheduler core unfolds them.
import {
  bool,
  bytes,
  either,
  integer,
  key,
  list,
  literal,
  mapOf,
  nullable,
  number,
  optional,
  record,
  serialized,
  text,
} from "./schema.js";

/** Where and how tasks may run; interned by the scheduler per distinct content. */
const constraintSpec = record({
  lang: optional(text),
  /** Addresses, names or hosts, as dask's `workers=`. */
  workers: optional(list(text)),
  allow_other_workers: optional(bool),
  resources: optional(mapOf(text, number)),
  slots: optional(integer),
  executor: optional(text),
  max_duration_ms: optional(number),
  memory_bytes: optional(number),
});
export type ConstraintSpec = ReturnType<typeof constraintSpec>;

/** A function with its shared arguments, by content hash; `dependencies` are those arguments. */
const taskTemplate = record({
  id: text,
  name: text,
  body: serialized,
  dependencies: list(integer),
});
export type TaskTemplate = ReturnType<typeof taskTemplate>;

export const nativeGraph = record({
  templates: list(taskTemplate),
  keys: list(key),
  /** Keys outside this graph that it depends on. */
  external: list(key),
  /** Index into `templates`: one for all tasks, or one per task. */
  template_of: either(integer, list(integer)),
  /** How many tasks one slab of items holds. */
  slab_tasks: integer,
  /** Two frames per slab: count + 1 little-endian u32 offsets, then the items concatenated. */
  items: serialized,
  buffers: nullable(serialized),
  /** Sparse: for a task, which frames of `buffers` it needs, in order. */
  buffer_of: mapOf(integer, list(integer)),
  /** Two frames, u32 offsets (n + 1) and u32 indices: below n a key of this graph, else external. */
  dependencies: nullable(serialized),
  /** Which of `keys` the client wants. */
  desired: either(literal("all"), list(integer)),
  constraints: list(constraintSpec),
  /** -1: no constraint. */
  constraint_of: either(integer, list(integer)),
  retries: either(integer, mapOf(integer, integer)),
  user_priority: either(number, mapOf(integer, number)),
});
export type NativeGraph = ReturnType<typeof nativeGraph>;

/** What one of our workers needs to run a task of a native graph. */
export const nativeRunSpec = record({
  template: text,
  items: bytes,
  buffers: optional(serialized),
  /** Run alone in a child process: this task was on a worker that died. */
  isolate: optional(bool),
});
export type NativeRunSpec = ReturnType<typeof nativeRunSpec>;
