// All reads of a worker's state: for heartbeats, rpcs that only look, and people. Changes nothing.
// Corresponds to get_metrics and get_story of dask's worker.py.
import { type SchedulerRequest, type TaskKey, type WireKey, workerAddress } from "@acme/protocol";
import { isHead } from "./slots.js";
import type { WorkerState } from "./state.js";
import { type StoryEntry, storyOf } from "./story.js";
import type { TaskState } from "./task.js";

type Heartbeat = Extract<SchedulerRequest, { op: "heartbeat_worker" }>;

/** What a worker brings along when it registers; empty at first. */
export interface RegistrationView {
  /** Bytes per key held, in memory or on disk. */
  held: Map<WireKey, number>;
  /** Run id per key that runs. */
  running: Map<WireKey, number>;
}

/** What to register with. */
export function registration(state: WorkerState): RegistrationView {
  const held = new Map<WireKey, number>();
  const running = new Map<WireKey, number>();
  for (const task of state.tasks.values()) {
    if (task.state === "memory") held.set(task.wire, task.nbytes);
    else if (task.state === "executing" || task.state === "long-running") {
      running.set(task.wire, task.runId);
    }
  }
  return { held, running };
}

/** Whether the scheduler can be reached, as far as the core knows. */
export const connection = (state: WorkerState): "new" | "connected" | "disconnected" =>
  state.link !== null ? "connected" : state.lastLink < 0 ? "new" : "disconnected";

/** Keys held, in memory or on disk. */
export function heldKeys(state: WorkerState): WireKey[] {
  const keys: WireKey[] = [];
  for (const task of state.tasks.values()) if (task.state === "memory") keys.push(task.wire);
  return keys;
}

/** How many tasks are in each state that occurs. */
export function taskCounts(state: WorkerState): Partial<Record<TaskState, number>> {
  const counts: Partial<Record<TaskState, number>> = {};
  for (const task of state.tasks.values()) counts[task.state] = (counts[task.state] ?? 0) + 1;
  return counts;
}

/** What happened lately to these keys, or to all; oldest first. */
export const story = (state: WorkerState, keys?: ReadonlySet<TaskKey>): StoryEntry[] =>
  storyOf(state.story, keys);

/** Seconds that each running task has run so far. */
export function executingSeconds(state: WorkerState, nowMs: number): Map<WireKey, number> {
  const seconds = new Map<WireKey, number>();
  for (const order of state.orders.values()) {
    const { task } = order;
    const runs = task.state === "executing" || task.state === "long-running";
    if (runs && isHead({ state }, order)) {
      seconds.set(task.wire, Math.max(0, nowMs - order.startedMs) / 1_000);
    }
  }
  return seconds;
}

/**
 * The metrics of a heartbeat and of the registration, in dask's names. Fields that dask's
 * scheduler reads are always there.
 */
export function metrics(state: WorkerState): Map<string, unknown> {
  const bandwidth = { total: 100_000_000, workers: new Map(), types: new Map() };
  return new Map<string, unknown>([
    ["bandwidth", new Map(Object.entries(bandwidth))],
    ["digests_total_since_heartbeat", new Map()],
    ["memory", state.processBytes],
    ["managed_bytes", state.memoryBytes],
    [
      "spilled_bytes",
      new Map([
        ["memory", state.spilledBytes],
        ["disk", state.diskBytes],
      ]),
    ],
    ["task_counts", counters(state)],
    ["transfer", new Map(Object.entries(transfers(state)))],
  ]);
}

// Kept counters only: a heartbeat must not count tasks.
function counters(state: WorkerState): Map<string, number> {
  let constrained = 0;
  for (const heap of state.constrained.values()) constrained += heap.size;
  return new Map([
    ["ready", state.ready.size],
    ["constrained", constrained],
    ["loading", state.loading.size],
    ["executing", state.orders.size],
    ["missing", state.missing.size],
    ["error", state.erred.size],
    ["known", state.tasks.size],
  ]);
}

function transfers(state: WorkerState) {
  return {
    incoming_bytes: state.incomingBytes,
    incoming_count: state.fetches.size,
    incoming_count_total: state.transfers.incoming,
    incoming_bytes_total: state.transfers.incomingBytes,
    outgoing_count: state.servings.size,
    outgoing_count_total: state.transfers.outgoing,
  };
}

/** The heartbeat as it is sent. */
export function heartbeat(state: WorkerState, nowMs: number): Heartbeat {
  const message: Heartbeat = {
    op: "heartbeat_worker",
    address: workerAddress(state.options.address),
    now: nowMs / 1_000,
    metrics: metrics(state),
    executing: executingSeconds(state, nowMs),
    extensions: new Map(),
  };
  return state.acme ? { ...message, server_id: state.options.serverId } : message;
}
