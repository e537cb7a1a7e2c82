// What follows when tasks end: results and failures of calls, another attempt after a while, with
// more memory where that was missing, or the end of the map.
import type { CallEnd, Fault, TaskId } from "./events.js";
import { mapCoreLimits } from "./limits.js";
import { backoffAfter, mayEndOtherwise, mayLackMemory } from "./rules.js";
import type { MapState, Tried } from "./state.js";
import { stop } from "./stop.js";
import type { Turn } from "./turn.js";

/** A task came back and tells of each of its calls. */
export function taskEnded(turn: Turn, taskId: TaskId, ends: readonly CallEnd[]): void {
  if (!forgetTask(turn.state, taskId)) return;
  for (const end of ends) {
    if (turn.state.end !== null) return;
    remember(turn.state, end.durationMs);
    if (end.ok) done(turn, end.index, end.payload);
    else failed(turn, end.index, end.fault);
  }
}

/** A task gave nothing at all. Which of several calls it was, only trying them alone can tell. */
export function taskFailed(turn: Turn, taskId: TaskId, fault: Fault): void {
  const indexes = turn.state.tasks.get(taskId)?.indexes ?? [];
  if (!forgetTask(turn.state, taskId)) return;
  if (indexes.length > 1) turn.state.alone.push(indexes);
  else for (const index of indexes) failed(turn, index, fault);
}

function forgetTask(state: MapState, taskId: TaskId): boolean {
  const task = state.tasks.get(taskId);
  if (task === undefined) return false;
  state.tasks.delete(taskId);
  state.sent -= task.indexes.length;
  return true;
}

function remember(state: MapState, durationMs: number): void {
  state.durations[state.nextDuration] = durationMs;
  state.nextDuration = (state.nextDuration + 1) % mapCoreLimits.durations;
}

function done({ state, out }: Turn, index: number, payload: unknown): void {
  const attempts = (state.tried.get(index)?.attempts ?? 0) + 1;
  state.tried.delete(index);
  state.done += 1;
  state.untaken += 1;
  out.outcomes.push({ index, status: "done", attempts, payload });
}

function failed(turn: Turn, index: number, fault: Fault): void {
  const { state, out, nowMs } = turn;
  const { retries, onError } = state.rules;
  const tried = state.tried.get(index) ?? { attempts: 0, memoryBytes: null };
  tried.attempts += 1;
  const { payload } = fault;
  if (mayEndOtherwise(fault.code) && tried.attempts <= retries.max) {
    const afterMs = backoffAfter(tried.attempts, retries);
    raiseMemory(state, tried, fault);
    state.tried.set(index, tried);
    delay(state, index, nowMs + afterMs);
    out.retries.push({ index, attempt: tried.attempts, afterMs, payload });
    return;
  }
  state.tried.delete(index);
  state.failed += 1;
  state.untaken += 1;
  out.outcomes.push({ index, status: "failed", attempts: tried.attempts, payload });
  if (onError === "fail-fast") stop(turn, "failed");
}

/** To ask for more than any worker has would be to wait for ever. */
function raiseMemory({ rules }: MapState, tried: Tried, { death, memory }: Fault): void {
  if (memory === null || !mayLackMemory(death)) return;
  const { workerBytes, largestBytes } = memory;
  const hadBytes = Math.max(tried.memoryBytes ?? rules.memoryBytes ?? 0, workerBytes);
  const wantedBytes = Math.ceil(hadBytes * rules.retries.memoryFactor);
  const bytes = Math.min(wantedBytes, Math.max(largestBytes, rules.memoryBytes ?? 0));
  if (bytes > 0) tried.memoryBytes = bytes;
}

function delay(state: MapState, index: number, atMs: number): void {
  const { delayed } = state;
  // Later failures mostly wait longer, so the place is near the end.
  let at = delayed.length;
  while (at > 0 && (delayed[at - 1] as { atMs: number }).atMs > atMs) at -= 1;
  delayed.splice(at, 0, { index, atMs });
}
