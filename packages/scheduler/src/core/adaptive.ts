// How many workers the work at hand could use, and which of them could go without loss. Read by
// clusters that grow and shrink by themselves; changes nothing and starts nobody. Corresponds to
// adaptive_target and workers_to_close of dask's Scheduler.
import { prefixDurationUs } from "./durations.js";
import { isShuffling } from "./extensions/shuffle/progress.js";
import { coreLimits } from "./limits.js";
import type { SchedulerState } from "./state.js";
import { codeOf } from "./transitions/table.js";
import type { WorkerState } from "./worker-state.js";

/** Workers with the same address, host or name; `job`: that one command started, see jobOf. */
export type WorkerGrouping = "address" | "host" | "name" | "job";

export interface TargetOptions {
  /** In how much time what is known of now should be done. */
  targetDurationMs?: number | undefined;
  key?: WorkerGrouping | undefined;
  /** Threads of a worker to come; what is there says it better. */
  nthreads?: number | undefined;
}

/** How many workers there should be. */
export function adaptiveTarget(state: SchedulerState, options: TargetOptions = {}): number {
  const workers = staying(state);
  const target = Math.max(wantedForWork(state, workers, options), wantedForData(workers));
  if (target >= workers.length) return target;
  return workers.length - workersToClose(state, { key: options.key }).length;
}

/** Why dask's way of grouping workers is not taken. */
export const pickledKey =
  "key is a pickled Python function, which would have to run inside the scheduler, and this one " +
  'runs no Python. Name the grouping instead: key="host", "name" or "job".';

export interface CloseOptions {
  /** Those that stay have room for so many times the data; default 2 unless `n` or `target`. */
  memoryRatio?: number | undefined;
  /** So many workers go, busy or not, ... */
  n?: number | undefined;
  /** ... or as many as are more than this. */
  target?: number | undefined;
  /** So many stay in any case. */
  minimum?: number | undefined;
  key?: WorkerGrouping | undefined;
}

/** Workers that can go, in groups that go as a whole; the first ones are missed least. */
export function workersToClose(state: SchedulerState, options: CloseOptions = {}): WorkerState[] {
  const workers = staying(state);
  const going = Math.max(0, options.n ?? 0);
  const { target: least = workers.length - going, minimum = 0 } = options;
  const isCounted = options.n !== undefined || options.target !== undefined;
  const { memoryRatio = isCounted ? null : 2 } = options;
  if (!isCounted && workers.every(({ processing }) => processing.size > 0)) return [];
  const groups = groupsOf(workers, options.key ?? "address").filter(
    (group) => !group.workers.some((worker) => isShuffling(state, worker)),
  );
  const heldBytes = sum(workers, (worker) => worker.heldBytes);
  const room = new Room(workers);
  const closing: WorkerState[] = [];
  for (const group of groups) {
    if (!isCounted && group.isBusy) break;
    const left = workers.length - closing.length - group.workers.length;
    if (left < minimum) break;
    room.leave(group.workers);
    const hasRoom = memoryRatio !== null && room.has(memoryRatio * heldBytes);
    if (!hasRoom && !(isCounted && left >= least)) break;
    closing.push(...group.workers);
  }
  return closing;
}

/** Whoever leaves already is neither counted nor chosen. */
const staying = ({ workers, retiring }: SchedulerState): WorkerState[] =>
  [...workers.values()].filter((worker) => !worker.leaving && !retiring.has(worker));

function wantedForWork(
  state: SchedulerState,
  workers: readonly WorkerState[],
  { targetDurationMs = coreLimits.adaptiveTargetMs, nthreads }: TargetOptions,
): number {
  const { tasks: waiting, workUs } = waitingWork(state);
  const occupancyUs = sum(workers, (worker) => worker.occupancyUs);
  const running = sum(workers, ({ processing }) => processing.size);
  const threadsForTime = Math.ceil((occupancyUs + workUs) / (targetDurationMs * 1000));
  // A few long tasks have no use for many threads.
  const threads = Math.min(threadsForTime, waiting + running);
  const threadsEach =
    workers.length === 0 ? (nthreads ?? 1) : sum(workers, (one) => one.nthreads) / workers.length;
  const wanted = Math.ceil(threads / Math.max(1, threadsEach));
  return waiting > 0 && workers.length === 0 ? Math.max(1, wanted) : wanted;
}

const waitingCodes = (["queued", "no-worker"] as const).map(codeOf);

/** Of tasks that nobody has yet: from counts that are kept, so that no task is looked at. */
function waitingWork(state: SchedulerState): { tasks: number; workUs: number } {
  let tasks = 0;
  let workUs = 0;
  for (const prefix of state.prefixes.values()) {
    const count = sum(waitingCodes, (code) => prefix.states[code] as number);
    if (count === 0) continue;
    tasks += count;
    workUs += count * prefixDurationUs(prefix);
  }
  return { tasks, workUs };
}

/** Twice as many as there are when their memory is filling up. */
function wantedForData(workers: readonly WorkerState[]): number {
  const heldBytes = sum(workers, (worker) => worker.heldBytes);
  const isFull = !new Room(workers).has(heldBytes / coreLimits.adaptiveMemoryShare);
  return isFull ? 2 * workers.length : 0;
}

interface Group {
  readonly workers: readonly WorkerState[];
  readonly isBusy: boolean;
  /** Seconds until it could be gone: its work, and moving what it holds. */
  readonly costS: number;
}

/** Those that are missed least come first. */
function groupsOf(workers: readonly WorkerState[], key: WorkerGrouping): Group[] {
  const members = new Map<string, WorkerState[]>();
  for (const worker of workers) {
    const name = groupName(worker, key);
    const known = members.get(name);
    if (known === undefined) members.set(name, [worker]);
    else known.push(worker);
  }
  const groups: Group[] = [];
  for (const group of members.values()) {
    // What has seceded may have started the very work that others are needed for.
    if (group.some(({ longRunning }) => longRunning > 0)) continue;
    groups.push({
      workers: group,
      isBusy: group.some(({ processing }) => processing.size > 0),
      costS: sum(group, ({ occupancyUs, heldBytes }) => occupancyUs / 1e6 + heldBytes / 1e8),
    });
  }
  return groups.sort((a, b) => Number(a.isBusy) - Number(b.isBusy) || a.costS - b.costS);
}

function groupName(worker: WorkerState, key: WorkerGrouping): string {
  return key === "job" ? jobOf(String(worker.name)) : String(worker[key]);
}

/** Workers that one command started share its name, each with a number behind it. */
const jobOf = (name: string): string => name.replace(/-\d+$/, "");

/** What workers may hold in all; one without a limit has room for anything. */
class Room {
  #limitBytes = 0;
  #unlimited = 0;

  constructor(workers: readonly WorkerState[]) {
    this.#count(workers, 1);
  }

  leave(workers: readonly WorkerState[]): void {
    this.#count(workers, -1);
  }

  has(bytes: number): boolean {
    return this.#unlimited > 0 || this.#limitBytes >= bytes;
  }

  #count(workers: readonly WorkerState[], by: 1 | -1): void {
    for (const { memoryLimitBytes } of workers) {
      if (memoryLimitBytes === null || memoryLimitBytes === 0) this.#unlimited += by;
      else this.#limitBytes += by * memoryLimitBytes;
    }
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
