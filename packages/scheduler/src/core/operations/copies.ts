// Values that are copied between workers by rpc, and dropped where they are too many. What a step of
// a job has to do is asked for as calls; when all are answered the job takes its next step. Which
// copies are made is decided in replicate.ts and rebalance.ts.
import { taskKey, type WireKey, wireKey } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import type { CallAnswer } from "../outbox.js";
import type { CopyCall, ParkedCopies } from "../parked.js";
import { each, has, sizeOf } from "../relations.js";
import { addReplica, removeReplica } from "../replicas.js";
import type { Task } from "../task.js";
import { refuse, stimulate, type Turn } from "../turn.js";
import type { WorkerState } from "../worker-state.js";

/** Parks a job; its first step is the caller's. */
export function parkCopies(
  turn: Turn,
  requestId: number,
  job: ParkedCopies["job"],
): ParkedCopies | null {
  if (turn.state.parked.size >= coreLimits.parkedRequests) {
    refuse(turn, requestId, "too many requests are waiting already; try again later");
    return null;
  }
  const deadlineMs = turn.nowMs + coreLimits.timeoutMaxMs;
  const parked: ParkedCopies = { kind: "copies", requestId, deadlineMs, calls: new Map(), job };
  turn.state.parked.set(requestId, parked);
  return parked;
}

/** Asks a worker to fetch values from whoever holds them. */
export function callForCopies(
  turn: Turn,
  parked: ParkedCopies,
  to: WorkerState,
  tasks: readonly Task[],
): void {
  const who_has = new Map<WireKey, string[]>();
  for (const task of tasks) {
    who_has.set(
      task.wire,
      Array.from(each(task.whoHas), (one) => one.address),
    );
  }
  call(
    turn,
    parked,
    { type: "copy", worker: to.address, keys: tasks.map(({ key }) => key) },
    {
      op: "gather",
      who_has,
    },
  );
}

/** Has a worker drop copies. They are forgotten here first, so that nobody counts on them. */
export function callToDrop(
  turn: Turn,
  parked: ParkedCopies,
  from: WorkerState,
  tasks: readonly Task[],
): void {
  const spare = tasks.filter((task) => sizeOf(task.whoHas) > 1 && has(task.whoHas, from));
  if (spare.length === 0) return;
  for (const task of spare) removeReplica(turn, task, from);
  const keys = spare.map(({ key }) => key);
  const stimulus_id = stimulate(turn, "delete-data");
  call(
    turn,
    parked,
    { type: "drop", worker: from.address, keys },
    {
      op: "free_keys",
      keys: keys.map(wireKey),
      stimulus_id,
    },
  );
}

function call(
  turn: Turn,
  parked: ParkedCopies,
  what: CopyCall,
  request: { op: string; [field: string]: unknown },
): void {
  turn.state.nextCall += 1;
  const callId = turn.state.nextCall;
  parked.calls.set(callId, what);
  turn.state.calls.set(callId, parked.requestId);
  const timeoutMs = coreLimits.copyTimeoutMs;
  turn.out.calls.push({ callId, address: what.worker, request, timeoutMs });
}

/** Takes a worker's answer in; returns the keys that it could not fetch. */
export function copied(turn: Turn, what: CopyCall, answer: CallAnswer): Set<string> {
  if (what.type === "drop") return new Set();
  const failed = failedOf(what, answer);
  const worker = turn.state.workers.get(what.worker);
  if (worker === undefined) return new Set(what.keys);
  for (const key of what.keys) {
    const task = turn.state.tasks.get(key);
    if (!failed.has(key) && task?.state === "memory") addReplica(turn, task, worker);
  }
  return failed;
}

function failedOf(what: CopyCall, answer: CallAnswer): Set<string> {
  const all = new Set<string>(what.keys);
  if (!("reply" in answer)) return all;
  const status = fieldOf(answer.reply, "status");
  if (status === "OK") return new Set();
  const keys = fieldOf(answer.reply, "keys");
  if (status !== "partial-fail" || !(Array.isArray(keys) || keys instanceof Set)) return all;
  const failed = new Set<string>();
  for (const key of keys as Iterable<unknown>) {
    const one = keyOf(key);
    if (one === null) return all;
    failed.add(one);
  }
  return failed;
}

/** A worker may name anything; what is no key cannot be one that it was asked for. */
function keyOf(value: unknown): string | null {
  try {
    return taskKey(value as WireKey);
  } catch {
    return null;
  }
}

function fieldOf(reply: unknown, name: string): unknown {
  if (reply instanceof Map) return reply.get(name);
  return typeof reply === "object" && reply !== null
    ? (reply as Record<string, unknown>)[name]
    : undefined;
}
