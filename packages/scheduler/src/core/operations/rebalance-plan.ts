// Which values move where so that workers hold about the same, each as far from the mean as any is
// moved first. Only a plan; nothing is moved here. dask's own algorithm and its thresholds, see
// _rebalance_find_msgs of its scheduler.py.
import { coreLimits } from "../limits.js";
import { heapPop, heapPush, PriorityHeap } from "../priority-heap.js";
import type { Task } from "../task.js";
import type { WorkerState } from "../worker-state.js";
import { lastingBytes } from "./process-memory.js";

export interface Move {
  task: Task;
  from: WorkerState;
  to: WorkerState;
}

interface Side {
  worker: WorkerState;
  /** Bytes to the mean. */
  leftBytes: number;
  /** Bytes until it is near enough. */
  leastBytes: number;
}

interface Sender extends Side {
  tasks: Iterator<Task>;
}

/**
 * @param only - the tasks that may move; null: any
 * @param workers - all that send or receive, not empty
 */
export function planMoves(workers: readonly WorkerState[], only: ReadonlySet<Task> | null): Move[] {
  const { senders, recipients } = sidesOf(workers);
  const moves: Move[] = [];
  // The farthest from the mean is on top.
  while (senders.items.length > 0 && recipients.items.length > 0) {
    const sender = heapPop(senders);
    const move = nextMove(sender, recipients, only);
    if (move === null) continue;
    moves.push(move);
    const bytes = sizeOf(move.task);
    sender.leftBytes -= bytes;
    sender.leastBytes -= bytes;
    if (sender.leastBytes > 0) heapPush(senders, -sender.leftBytes, sender);
  }
  return moves;
}

/** The next of a sender's values that anybody can take; null: none of the rest. */
function nextMove(
  sender: Sender,
  recipients: PriorityHeap<Side>,
  only: ReadonlySet<Task> | null,
): Move | null {
  for (let next = sender.tasks.next(); !next.done; next = sender.tasks.next()) {
    const task = next.value;
    // Moved, it would make the sender one that receives.
    if (only?.has(task) === false || sizeOf(task) > sender.leftBytes) continue;
    const to = takeRecipient(recipients, task);
    if (to !== null) return { task, from: sender.worker, to };
  }
  return null;
}

function takeRecipient(recipients: PriorityHeap<Side>, task: Task): WorkerState | null {
  const bytes = sizeOf(task);
  const skipped: Side[] = [];
  let found: Side | null = null;
  while (found === null && recipients.items.length > 0) {
    if (bytes > (recipients.items[0] as Side).leftBytes) break;
    const side = heapPop(recipients);
    if (side.worker.hasWhat.has(task)) skipped.push(side);
    else found = side;
  }
  for (const side of skipped) heapPush(recipients, -side.leftBytes, side);
  if (found === null) return null;
  found.leftBytes -= bytes;
  found.leastBytes -= bytes;
  if (found.leastBytes > 0) heapPush(recipients, -found.leftBytes, found);
  return found.worker;
}

function sidesOf(workers: readonly WorkerState[]) {
  const senders = new PriorityHeap<Sender>();
  const recipients = new PriorityHeap<Side>();
  const memory = new Map(workers.map((worker) => [worker, lastingBytes(worker)]));
  let totalBytes = 0;
  for (const bytes of memory.values()) totalBytes += bytes;
  const mean = Math.floor(totalBytes / workers.length);
  const { rebalanceHalfGap, rebalanceSenderMin, rebalanceRecipientMax } = coreLimits;
  for (const [worker, bytes] of memory) {
    const limit = worker.memoryLimitBytes ?? 0;
    const halfGap = Math.floor(rebalanceHalfGap * limit);
    const most = limit === 0 ? Number.POSITIVE_INFINITY : rebalanceRecipientMax * limit;
    const isFull = bytes >= mean + halfGap && bytes >= rebalanceSenderMin * limit;
    if (worker.hasWhat.size > 0 && isFull) {
      const tasks = worker.hasWhat.values();
      const leftBytes = bytes - mean;
      heapPush(senders, -leftBytes, { worker, leftBytes, leastBytes: leftBytes - halfGap, tasks });
    } else if (bytes < mean - halfGap && bytes < most) {
      const leftBytes = mean - bytes;
      heapPush(recipients, -leftBytes, { worker, leftBytes, leastBytes: leftBytes - halfGap });
    }
  }
  return { senders, recipients };
}

const sizeOf = (task: Task): number => Math.max(0, task.nbytes);
