// Reads of the scheduler's state, for rpc, HTTP and logs. Nothing here changes anything. Replies
// are wire values in dask's shapes.
import { type Pickled, type TaskKey, taskKey, type WireKey, wireKey } from "@acme/protocol";
import { isRunning } from "./buckets.js";
import { ForeignSlab } from "./foreign-graph.js";
import { coreLimits } from "./limits.js";
import type { Notice } from "./notices.js";
import { runsIn, type StreamQuery } from "./operations/task-stream.js";
import { each } from "./relations.js";
import type { SchedulerState } from "./state.js";
import { latestMs, storyOf } from "./story.js";
import type { Task, TaskStateName } from "./task.js";
import { codeOf } from "./transitions/table.js";
import type { WorkerState } from "./worker-state.js";

/** What the shell knows and the core does not. */
export interface Whereabouts {
  address: string;
  services?: Record<string, number>;
}

/** dask's description of one worker. */
export function workerIdentity(worker: WorkerState): Map<string, unknown> {
  const identity = new Map<string, unknown>([
    ["type", "Worker"],
    ["id", worker.name],
    ["host", worker.host],
    ["resources", worker.resources],
    ["local_directory", worker.details.get("local_directory") ?? ""],
    ["name", worker.name],
    ["nthreads", worker.nthreads],
    ["memory_limit", worker.memoryLimitBytes],
    ["last_seen", worker.lastSeenMs / 1000],
    ["services", worker.details.get("services") ?? {}],
    ["metrics", worker.metrics],
    ["status", worker.leaving ? "closing_gracefully" : worker.status],
    ["nanny", worker.nanny],
  ]);
  for (const [name, value] of worker.extra) if (!identity.has(name)) identity.set(name, value);
  return identity;
}

/** @param workersListed - −1: all, 0: none, n: the first n */
export function identity(state: SchedulerState, where: Whereabouts, workersListed = -1) {
  const workers = new Map<string, Map<string, unknown>>();
  let memory = 0;
  for (const worker of state.workers.values()) memory += worker.memoryLimitBytes ?? 0;
  for (const worker of state.workers.values()) {
    if (workersListed >= 0 && workers.size >= workersListed) break;
    workers.set(worker.address, workerIdentity(worker));
  }
  return {
    type: "Scheduler",
    id: state.settings.id,
    address: where.address,
    services: where.services ?? {},
    started: state.settings.startedMs / 1000,
    n_workers: state.workers.size,
    total_threads: state.totalThreads,
    total_memory: memory,
    workers,
    acme: 1,
  };
}

/** Addresses of the workers that hold a key; empty if nobody does. */
export function holdersOf(state: SchedulerState, key: TaskKey): string[] {
  const task = state.tasks.get(key);
  return task === undefined ? [] : addressesOf(task);
}

/** Bytes of a value; 0 as long as nobody knows. */
export const bytesOf = (state: SchedulerState, key: TaskKey): number =>
  Math.max(state.tasks.get(key)?.nbytes ?? 0, 0);

const addressesOf = (task: Task): string[] => Array.from(each(task.whoHas), (w) => w.address);

/** {key: [address]} */
export function whoHas(state: SchedulerState, keys?: readonly WireKey[]): Map<WireKey, string[]> {
  const found = new Map<WireKey, string[]>();
  if (keys !== undefined) {
    for (const key of keys) found.set(key, holdersOf(state, taskKey(key)));
  } else {
    for (const task of state.tasks.values()) found.set(wireKey(task.key), addressesOf(task));
  }
  return found;
}

/** {address: [key]} */
export function hasWhat(
  state: SchedulerState,
  workers?: readonly string[],
): Map<string, WireKey[]> {
  return perWorker(state, workers, (w) => Array.from(w.hasWhat, (task) => wireKey(task.key)));
}

/** {address: [key]} of the tasks in flight */
export function processing(
  state: SchedulerState,
  workers?: readonly string[],
): Map<string, WireKey[]> {
  return perWorker(state, workers, (w) => Array.from(w.processing, (task) => wireKey(task.key)));
}

/** {address: threads} */
export function ncores(state: SchedulerState, workers?: readonly string[]): Map<string, number> {
  return perWorker(state, workers, (worker) => worker.nthreads);
}

/** {address: threads} of the workers that accept work */
export function ncoresRunning(
  state: SchedulerState,
  workers?: readonly string[],
  lang?: string,
): Map<string, number> {
  const found = ncores(state, workers);
  for (const worker of state.workers.values()) {
    const fits = lang === undefined || worker.lang === lang;
    if (!isRunning(worker) || !fits) found.delete(worker.address);
  }
  return found;
}

export { sharedPackages as pythonPackages } from "./python-versions.js";

function perWorker<T>(
  state: SchedulerState,
  wanted: readonly string[] | undefined,
  read: (worker: WorkerState) => T,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const worker of wanted === undefined ? state.workers.values() : named(state, wanted)) {
    found.set(worker.address, read(worker));
  }
  return found;
}

/** The workers that these addresses, names or hosts mean. */
export function named(state: SchedulerState, names: readonly (string | number)[]): WorkerState[] {
  const found = new Set<WorkerState>();
  const hosts = new Set<string>();
  for (const name of names) {
    const text = String(name);
    const worker = state.workers.get(text as WorkerState["address"]) ?? state.aliases.get(text);
    if (worker !== undefined) found.add(worker);
    else hosts.add(text);
  }
  if (hosts.size === 0) return [...found];
  for (const one of state.workers.values()) if (hosts.has(one.host)) found.add(one);
  return [...found];
}

/** {key: bytes} of the values in memory; with `summary` {prefix: bytes} */
export function nbytes(
  state: SchedulerState,
  keys?: readonly WireKey[],
  summary = false,
): Map<WireKey, number> {
  const found = new Map<WireKey, number>();
  const add = (task: Task | undefined) => {
    if (task === undefined || task.nbytes < 0) return;
    const name = summary ? task.group.prefix.name : wireKey(task.key);
    found.set(name, (summary ? (found.get(name) ?? 0) : 0) + task.nbytes);
  };
  if (keys !== undefined) for (const key of keys) add(state.tasks.get(taskKey(key)));
  else for (const task of state.tasks.values()) add(task);
  return found;
}

/** {key: state}, nil for unknown keys */
export function taskStatus(
  state: SchedulerState,
  keys: readonly WireKey[],
): Map<WireKey, TaskStateName | null> {
  return new Map(keys.map((key) => [key, state.tasks.get(taskKey(key))?.state ?? null]));
}

/** dask's story rows: [key, from, to, {}, stimulus, seconds] */
export function getStory(state: SchedulerState, keysOrStimuli: readonly WireKey[]): unknown[] {
  const wanted = new Set(keysOrStimuli.map((key) => taskKey(key) as string));
  return storyOf(state.story, wanted).map((entry) => [
    wireKey(entry.key),
    entry.from,
    entry.to,
    {},
    entry.stimulusId,
    entry.atMs / 1000,
  ]);
}

/** Topic → [[seconds, message]] */
export function events(state: SchedulerState, topic: string): readonly [number, unknown][] {
  return state.topics.events.get(topic) ?? [];
}

/** {topic: [[seconds, message]]} */
export function allEvents(state: SchedulerState): Map<string, readonly [number, unknown][]> {
  return new Map(state.topics.events);
}

/** The latest lines of the log, oldest first. */
export function notices(
  state: SchedulerState,
  count: number = coreLimits.noticesKept,
): readonly Notice[] {
  return count === 0 ? [] : state.notices.slice(-count);
}

/** Runs that ended, as far as they are recorded. */
export function taskStream(state: SchedulerState, query: StreamQuery): Record<string, unknown>[] {
  return runsIn(state.taskStream, query);
}

const prefixStates = ["memory", "erred", "released", "processing", "waiting"] as const;

/** {prefix: {state: tasks}} of the prefixes that have any. */
export function taskPrefixStates(state: SchedulerState): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (const { name, states } of state.prefixes.values()) {
    const counts = prefixStates.map((one) => [one, states[codeOf(one)] as number] as const);
    if (counts.some(([, count]) => count > 0)) found.set(name, Object.fromEntries(counts));
  }
  return found;
}

/** Something runs, waits for a worker, or is on its way to become tasks. */
export function hasWork({ counters, backlog, errands }: SchedulerState): boolean {
  const { queued, processing, "no-worker": noWorker } = counters.states;
  return queued + processing + noWorker + backlog.size + errands.open.size > 0;
}

/** Since when nothing happens, in seconds since the epoch; null: something does. */
export function idleSince(state: SchedulerState): number | null {
  if (hasWork(state)) return null;
  return (latestMs(state.story) ?? state.settings.startedMs) / 1000;
}

/** {address: keys} of what runs now of these keys and of what they wait for. */
export function runningOf(state: SchedulerState, keys: readonly WireKey[]): Map<string, WireKey[]> {
  const seen = new Set<Task>();
  const running = new Map<string, WireKey[]>();
  const stack = keys.flatMap((key) => state.tasks.get(taskKey(key)) ?? []);
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (seen.has(task)) continue;
    seen.add(task);
    if (task.state === "waiting") stack.push(...each(task.dependencies));
    if (task.flight === null) continue;
    const { address } = task.flight.worker;
    const known = running.get(address);
    if (known === undefined) running.set(address, [task.wire]);
    else known.push(task.wire);
  }
  return running;
}

/** What a task of a Python client does; null if it is not known or not in Python. */
export function runSpec(state: SchedulerState, key: TaskKey): Pickled | null {
  const task = state.tasks.get(key);
  return task?.spec instanceof ForeignSlab ? task.spec.payload(task.item) : null;
}

/** The task whose failure made one of these fail. */
export function errorCause(state: SchedulerState, keys: readonly WireKey[]): WireKey | null {
  for (const key of keys) {
    const task = state.tasks.get(taskKey(key));
    if (task?.state === "erred") return (task.rare?.blame ?? task).wire;
  }
  return null;
}

/** Numbers for metrics: tasks per state, and what happened so far. */
export function counters(state: SchedulerState): Readonly<SchedulerState["counters"]> {
  return state.counters;
}
export {
  adaptiveTarget,
  type CloseOptions,
  pickledKey,
  type TargetOptions,
  workersToClose,
} from "./adaptive.js";
export { dump } from "./dump.js";
export { explain } from "./explain.js";
export { getMetadata } from "./metadata.js";
export { type WorkerSights, workerSights } from "./sights.js";
export { type Status, status } from "./status.js";
