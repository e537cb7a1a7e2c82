// The whole state in words that people can read, for a file: tasks, workers, clients, events, the
// latest transitions. Names and fields as dask's cluster dumps have them; nothing is changed.
import { type WireKey, wireKey } from "@acme/protocol";
import { coreLimits } from "./limits.js";
import { processMemory } from "./operations/process-memory.js";
import { each } from "./relations.js";
import type { SchedulerState } from "./state.js";
import { storyOf } from "./story.js";
import { flag, isSet, type Task } from "./task.js";
import { identity, type Whereabouts, workerIdentity } from "./view.js";
import type { WorkerState } from "./worker-state.js";

/** Files that people read have text alone for names: a key of another kind becomes text. */
function named(value: unknown, depth = 0): unknown {
  if (!(value instanceof Map) || depth > coreLimits.dumpDepth) return value;
  return new Map(
    Array.from(value as Map<unknown, unknown>, ([key, one]) => [
      typeof key === "string" ? key : show(key as WireKey),
      named(one, depth + 1),
    ]),
  );
}

/** @param exclude - parts that are left out, such as `"tasks"` or a field such as `"run_spec"` */
export function dump(
  state: SchedulerState,
  where: Whereabouts,
  exclude: readonly string[] = [],
): Record<string, unknown> {
  const left = new Set(exclude);
  const parts: Record<string, () => unknown> = {
    transition_log: () => transitions(state),
    transition_counter: () => state.counters.transitions,
    tasks: () => byName(state.tasks.values(), (task) => [show(task.wire), taskFields(task, left)]),
    task_groups: () => byName(state.groups.values(), (group) => [group.name, groupFields(group)]),
    workers: () => byName(state.workers.values(), (one) => [one.address, workerFields(one, left)]),
    clients: () => byName(state.clients.values(), (one) => [one.id, clientFields(one)]),
    memory: () => memoryFields([...state.workers.values()]),
    events: () => named(new Map(state.topics.events)),
    extensions: () => ({}),
  };
  const { workers: _, ...about } = identity(state, where, 0);
  const found: Record<string, unknown> = { ...about, status: "running" };
  for (const [name, make] of Object.entries(parts)) if (!left.has(name)) found[name] = make();
  return found;
}

function byName<T>(items: Iterable<T>, entry: (item: T) => [string, unknown]) {
  return new Map(Array.from(items, entry));
}

/** dask writes keys as text where a dictionary has them. */
function show(key: WireKey): string {
  if (typeof key === "string") return key;
  if (key instanceof Uint8Array) return Array.from(key).join(" ");
  return Array.isArray(key) ? `(${key.map((one) => quoted(one)).join(", ")})` : String(key);
}

const quoted = (key: WireKey): string => (typeof key === "string" ? `'${key}'` : show(key));

function taskFields(task: Task, left: ReadonlySet<string>): Record<string, unknown> {
  const { flight, rare, constraint } = task;
  const { workers = null, resources = null } = constraint.spec;
  const fields: Record<string, unknown> = {
    key: task.wire,
    state: task.state,
    prefix: task.group.prefix.name,
    group: task.group.name,
    priority: [-task.userPriority, task.order],
    dependencies: keysOf(task.dependencies),
    dependents: keysOf(task.dependents),
    who_has: Array.from(each(task.whoHas), (one) => one.address),
    who_wants: Array.from(each(task.whoWants), (one) => one.id),
    processing_on: flight?.worker.address ?? null,
    nbytes: task.nbytes,
    run_id: task.runId,
    retries: task.retries,
    suspicious: rare?.deaths ?? 0,
    actor: isSet(task, flag.actor),
    worker_restrictions: workers,
    resource_restrictions: resources,
    exception_text: rare?.exceptionText ?? "",
    traceback_text: rare?.tracebackText ?? "",
    erred_on: rare?.erredOn ?? [],
    annotations: rare?.annotations ?? null,
    metadata: rare?.metadata ?? null,
  };
  for (const name of left) delete fields[name];
  return fields;
}

const keysOf = (tasks: Task["dependencies"]): WireKey[] =>
  Array.from(each(tasks), (one) => one.wire);

function groupFields(group: Task["group"]): Record<string, unknown> {
  const dependencies = Array.from(group.dependencies, (one) => one.name);
  return { name: group.name, prefix: group.prefix.name, tasks: group.size, dependencies };
}

function workerFields(worker: WorkerState, left: ReadonlySet<string>): Map<string, unknown> {
  const fields = workerIdentity(worker);
  fields.set("address", worker.address);
  fields.set("has_what", keysIn(worker.hasWhat));
  fields.set("processing", keysIn(worker.processing));
  fields.set("long_running", worker.longRunning);
  fields.set("occupancy", worker.occupancyUs / 1e6);
  fields.set("nbytes", worker.heldBytes);
  fields.set("memory", processMemory(worker));
  for (const name of left) fields.delete(name);
  return named(fields) as Map<string, unknown>;
}

const keysIn = (tasks: Iterable<Task>): WireKey[] => Array.from(tasks, (one) => one.wire);

type Client = SchedulerState["clients"] extends Map<unknown, infer C> ? C : never;

const clientFields = (client: Client) => ({
  client_key: client.id,
  wants_what: keysIn(client.wants),
});

function memoryFields(workers: readonly WorkerState[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const worker of workers) {
    for (const [name, bytes] of Object.entries(processMemory(worker))) {
      total[name] = (total[name] ?? 0) + bytes;
    }
  }
  return total;
}

function transitions(state: SchedulerState): unknown[] {
  return storyOf(state.story, null).map(({ key, from, to, stimulusId, atMs }) => [
    show(wireKey(key)),
    from,
    to,
    {},
    stimulusId,
    atMs / 1000,
  ]);
}
