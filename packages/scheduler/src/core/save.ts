// The whole state as plain data and back, so that a scheduler can be restored. Objects become
// numbered records, so shared and circular references survive; payloads and byte arrays are kept
// by reference. Only the data classes named here may occur in a state.
import { assert, Pickled, Serialized } from "@acme/protocol";
import { Buckets } from "./buckets.js";
import { ClientState } from "./client-state.js";
import { Constraint } from "./constraint.js";
import { Counters } from "./counters.js";
import { Errands } from "./errands/errands.js";
import { Extensions } from "./extensions/state.js";
import { ForeignSlab } from "./foreign-graph.js";
import { TaskGroup, TaskPrefix } from "./groups.js";
import { TaskStream } from "./operations/task-stream.js";
import { PriorityHeap } from "./priority-heap.js";
import { ReadyQueue } from "./ready-queue.js";
import { SchedulerState } from "./state.js";
import { Story } from "./story.js";
import { Rare, Task } from "./task.js";
import { TaskSet } from "./task-set.js";
import { TaskTable } from "./task-table.js";
import { Slab, Template } from "./template.js";
import { TopicEvents } from "./topics.js";
import { WorkerState } from "./worker-state.js";

/** A primitive as it is, `[n]` for record n, `{ payload }` for what is kept by reference. */
type Saved = null | undefined | boolean | number | string | bigint | [number] | { payload: object };

interface SavedRecord {
  kind: string;
  /** Fields as name and value, map entries as key and value, else the items. */
  values: Saved[];
}

export interface SavedState {
  version: 1;
  /** The first one is the state itself. */
  records: SavedRecord[];
}

type DataClass = abstract new (...args: never[]) => object;

const classes = new Map<string, DataClass>(
  Object.entries({
    Buckets,
    ClientState,
    Constraint,
    Counters,
    Errands,
    Extensions,
    ForeignSlab,
    PriorityHeap,
    Rare,
    ReadyQueue,
    SchedulerState,
    Slab,
    Story,
    Task,
    TaskGroup,
    TaskPrefix,
    TaskSet,
    TaskStream,
    TaskTable,
    Template,
    TopicEvents,
    WorkerState,
  } as Record<string, DataClass>),
);
const kindOfPrototype = new Map<unknown, string>([
  [Object.prototype, "object"],
  [null, "object"],
  [Array.prototype, "array"],
  [Map.prototype, "map"],
  [Set.prototype, "set"],
]);
for (const [name, one] of classes) kindOfPrototype.set(one.prototype, name);

/** Copies a state into plain data. Nothing in it refers to the state, payloads excepted. */
export function save(state: SchedulerState): SavedState {
  const numbers = new Map<object, number>([[state, 0]]);
  const found: object[] = [state];
  const records: SavedRecord[] = [];
  const encode = (value: unknown): Saved => {
    if (typeof value !== "object" || value === null) {
      assert(typeof value !== "function" && typeof value !== "symbol", "a state holds only data");
      return value as Saved;
    }
    if (isPayload(value)) return { payload: value };
    let number = numbers.get(value);
    if (number === undefined) {
      number = found.push(value) - 1;
      numbers.set(value, number);
    }
    return [number];
  };
  for (let next = 0; next < found.length; next++) {
    const value = found[next] as object;
    const kind = kindOfPrototype.get(Object.getPrototypeOf(value));
    assert(kind !== undefined, `a state holds no ${value.constructor.name}`);
    records.push({ kind, values: partsOf(kind, value).map(encode) });
  }
  return { version: 1, records };
}

const isPayload = (value: object): boolean =>
  ArrayBuffer.isView(value) || value instanceof Serialized || value instanceof Pickled;

function partsOf(kind: string, value: object): unknown[] {
  if (kind === "array") return value as unknown[];
  if (kind === "set") return [...(value as Set<unknown>)];
  const parts: unknown[] = [];
  const entries = kind === "map" ? (value as Map<unknown, unknown>) : Object.entries(value);
  for (const [name, part] of entries) parts.push(name, part);
  return parts;
}

/**
 * Makes a state from what {@link save} returned, which may be loaded any number of times.
 *
 * @throws ProgramError if it is no saved state of this version
 */
export function load(saved: SavedState): SchedulerState {
  assert(saved.version === 1, `unknown version of a saved state: ${saved.version}`);
  const made = saved.records.map(({ kind }) => empty(kind));
  const decode = (value: Saved): unknown => {
    if (typeof value !== "object" || value === null) return value;
    return Array.isArray(value) ? made[value[0]] : value.payload;
  };
  saved.records.forEach(({ kind, values }, number) => {
    fill(kind, made[number] as object, values.map(decode));
  });
  return made[0] as SchedulerState;
}

function empty(kind: string): object {
  if (kind === "array") return [];
  if (kind === "map") return new Map();
  if (kind === "set") return new Set();
  if (kind === "object") return {};
  const one = classes.get(kind);
  assert(one !== undefined, `unknown kind in a saved state: ${kind}`);
  return Object.create(one.prototype) as object;
}

function fill(kind: string, into: object, values: readonly unknown[]): void {
  if (kind === "array") for (const value of values) (into as unknown[]).push(value);
  else if (kind === "set") for (const value of values) (into as Set<unknown>).add(value);
  else {
    for (let i = 0; i < values.length; i += 2) {
      if (kind === "map") (into as Map<unknown, unknown>).set(values[i], values[i + 1]);
      else (into as Record<string, unknown>)[values[i] as string] = values[i + 1];
    }
  }
}
