// What the scheduler says on the stream. A report about a key counts only once the graph that made
// its future was acknowledged: before that it speaks of an earlier future of the same key.
import {
  assertNever,
  type SchedulerToClient,
  type TaskKey,
  taskKey,
  type WireKey,
} from "@acme/protocol";
import { clientLimits } from "../limits.js";
import { cancelEach, tell } from "./desires.js";
import { deliverOrGather, unwanted } from "./gather.js";
import type { ClientLogEntry } from "./outbox.js";
import type { ClientState, FutureEntry } from "./state.js";
import type { Turn } from "./step.js";

type Report<Op> = Extract<SchedulerToClient, { op: Op }>;

export function reported(turn: Turn, message: SchedulerToClient): void {
  switch (message.op) {
    case "graph-received":
      graphReceived(turn.state, message.sequence);
      return;
    case "key-in-memory":
      keyInMemory(turn, message);
      return;
    case "task-erred":
      taskErred(turn, message);
      return;
    case "lost-data":
      lostData(turn, message.key);
      return;
    case "task-retried":
      taskRetried(turn, message.key);
      return;
    case "cancelled-keys":
      cancelledKeys(turn, message);
      return;
    case "restart":
      restart(turn);
      return;
    case "adjust-heartbeat-interval":
      adjustHeartbeat(turn, message.interval * 1000);
      return;
    case "error":
      log(turn, "warn", "scheduler-error", message.message ?? "the scheduler gave no text");
      return;
    case "stream-start":
      if (message.warning) log(turn, "warn", "version-mismatch", message.warning);
      return;
    case "event":
    case "stream-closed":
    case "close":
      return;
    default:
      assertNever(message);
  }
}

function graphReceived(state: ClientState, sequence: number): void {
  state.unacknowledged.delete(sequence);
  if (sequence > state.receivedSequence) state.receivedSequence = sequence;
}

/** The future a report is about, or undefined if it is about none of ours. */
function concerned(state: ClientState, key: WireKey): FutureEntry | undefined {
  const entry = state.futures.get(taskKey(key));
  if (entry === undefined || entry.status === "cancelled") return undefined;
  return entry.sequence > state.receivedSequence ? undefined : entry;
}

function keyInMemory(turn: Turn, message: Report<"key-in-memory">): void {
  const entry = concerned(turn.state, message.key);
  if (entry === undefined) return;
  if (entry.value === null && message.result !== undefined) entry.value = message.result;
  if (entry.status !== "finished") {
    entry.status = "finished";
    entry.failure = null;
    turn.out.settled.push({ key: entry.key, status: "finished" });
  }
  if (entry.wanted) deliverOrGather(turn, entry);
}

function taskErred(turn: Turn, message: Report<"task-erred">): void {
  const entry = concerned(turn.state, message.key);
  if (entry === undefined || entry.value !== null) return;
  const { exception, traceback } = message;
  entry.status = "error";
  entry.failure = { exception, traceback };
  unwanted(turn.state, entry);
  turn.out.settled.push({ key: entry.key, status: "error", exception, traceback });
}

function lostData(turn: Turn, key: WireKey): void {
  const entry = concerned(turn.state, key);
  if (entry === undefined || entry.value !== null || entry.status !== "finished") return;
  entry.status = "lost";
  turn.state.gatherAtMs.delete(entry.key);
  turn.out.settled.push({ key: entry.key, status: "lost" });
}

function taskRetried(turn: Turn, key: WireKey): void {
  const entry = concerned(turn.state, key);
  if (entry === undefined || entry.value !== null || entry.status === "pending") return;
  entry.status = "pending";
  entry.failure = null;
  turn.state.gatherAtMs.delete(entry.key);
  turn.out.settled.push({ key: entry.key, status: "pending" });
}

function cancelledKeys(turn: Turn, message: Report<"cancelled-keys">): void {
  const keys: TaskKey[] = [];
  for (const key of message.keys) {
    const entry = concerned(turn.state, key);
    if (entry !== undefined && entry.value === null) keys.push(entry.key);
  }
  cancelEach(turn, keys, message.reason ?? "", message.msg ?? "");
  // A desire of ours may have been on its way; without this the scheduler would keep to it.
  tell(turn, "client-releases-keys", keys);
}

/** Graphs that the scheduler had not seen yet come after the restart and live on. */
function restart(turn: Turn): void {
  const { futures, receivedSequence } = turn.state;
  const keys: TaskKey[] = [];
  for (const entry of futures.values()) {
    if (entry.sequence <= receivedSequence) keys.push(entry.key);
  }
  cancelEach(turn, keys, "restart", "the cluster was restarted");
}

function adjustHeartbeat(turn: Turn, wantedMs: number): void {
  const { heartbeatMinMs, heartbeatMaxMs } = clientLimits;
  const intervalMs = Math.min(Math.max(wantedMs, heartbeatMinMs), heartbeatMaxMs);
  turn.state.heartbeatIntervalMs = intervalMs;
  turn.state.nextHeartbeatMs = Math.min(turn.state.nextHeartbeatMs, turn.nowMs + intervalMs);
}

function log(turn: Turn, level: ClientLogEntry["level"], event: string, message: string): void {
  turn.out.log.push({ level, event, message });
}
