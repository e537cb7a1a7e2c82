// Requests that wait in an extension, and the heap of their deadlines. What they wait for, and what
// is answered when their time is up, is known to their extension.
import type { ExtensionRequest } from "@acme/protocol";
import type { RequestId } from "../events.js";
import { coreLimits } from "../limits.js";
import { heapPop, heapPush, PriorityHeap } from "../priority-heap.js";
import { refuse, type Turn, wakeBy } from "../turn.js";
import type { Extensions, Waiting } from "./state.js";

/** A heap is cleared of stale entries when it has more than this beside the current ones. */
const staleMax = 1_000;

export function askedOf(turn: Turn, requestId: RequestId, request: ExtensionRequest): Waiting {
  const seconds = "timeout" in request ? request.timeout : undefined;
  const { timeoutMaxMs } = coreLimits;
  const deadlineMs =
    seconds === undefined
      ? Number.POSITIVE_INFINITY
      : turn.nowMs + Math.min(seconds * 1000, timeoutMaxMs);
  return { requestId, deadlineMs, request, taken: [] };
}

/**
 * Keeps a request in a line until somebody answers it; false if it was refused, or if its time is
 * up already: then nothing was kept and nothing answered.
 */
export function park(turn: Turn, asked: Waiting, line: Set<RequestId>): boolean {
  const { extensions } = turn.state;
  if (asked.deadlineMs <= turn.nowMs) return false;
  if (extensions.waiting.size >= coreLimits.extensionWaiting) {
    const text = `${extensions.waiting.size} requests are waiting already; try again later`;
    refuse(turn, asked.requestId, text, "RuntimeError");
    return true;
  }
  extensions.waiting.set(asked.requestId, asked);
  line.add(asked.requestId);
  schedule(turn, asked);
  return true;
}

/** Looks at a waiting request again at its deadline. */
export function schedule(turn: Turn, { requestId, deadlineMs }: Waiting): void {
  if (deadlineMs === Number.POSITIVE_INFINITY) return;
  const { extensions } = turn.state;
  if (extensions.deadlines.items.length > 2 * extensions.waiting.size + staleMax) {
    clearStale(extensions);
  }
  heapPush(extensions.deadlines, deadlineMs, requestId);
  wakeBy(turn, deadlineMs);
}

function clearStale(extensions: Extensions): void {
  extensions.deadlines = new PriorityHeap();
  for (const { requestId, deadlineMs } of extensions.waiting.values()) {
    if (deadlineMs < Number.POSITIVE_INFINITY) {
      heapPush(extensions.deadlines, deadlineMs, requestId);
    }
  }
}

/** The time of a request is up. dask's error has no text, and whoever asked knows for what. */
export function refuseLate(turn: Turn, { requestId }: Waiting): void {
  refuse(turn, requestId, "", "TimeoutError");
}

/** Takes a request out of the line that it waits in; undefined if it waits no more. */
export function unpark(
  turn: Turn,
  requestId: RequestId,
  line: Set<RequestId>,
): Waiting | undefined {
  const { waiting } = turn.state.extensions;
  const asked = waiting.get(requestId);
  waiting.delete(requestId);
  line.delete(requestId);
  return asked;
}

/** The request that has waited longest in a line, taken out. */
export function next(turn: Turn, line: Set<RequestId>): Waiting | undefined {
  for (const requestId of line) {
    const asked = unpark(turn, requestId, line);
    if (asked !== undefined) return asked;
  }
  return undefined;
}

/** A request whose time is up and that still waits, where it was; undefined: there is none. */
export function nextOverdue(turn: Turn): Waiting | undefined {
  const { deadlines, waiting } = turn.state.extensions;
  while (deadlines.items.length > 0) {
    const atMs = deadlines.orders[0] as number;
    if (atMs > turn.nowMs) {
      wakeBy(turn, atMs);
      return undefined;
    }
    const asked = waiting.get(heapPop(deadlines));
    if (asked !== undefined && asked.deadlineMs <= turn.nowMs) return asked;
  }
  return undefined;
}
