// How many calls are on their way, and how they are put into tasks: each alone while nothing is
// known, several small ones together once it is known that they are small.

import { mapCoreLimits } from "./limits.js";
import type { TaskOrder } from "./outbox.js";
import { type MapState, openCalls } from "./state.js";
import type { Turn } from "./turn.js";

/** Sends what may be sent, asks the source for more, and says when to look again. */
export function sendAndPull(turn: Turn): void {
  const { state, out, nowMs } = turn;
  wakeDelayed(turn);
  for (const index of state.alone.take(state.alone.length)) send(turn, [index]);
  if (state.waiting.length > 0) {
    state.pilotUntilMs ??= nowMs + mapCoreLimits.pilotMs;
    sendWaiting(turn);
  }
  const wakes: number[] = [];
  const [next] = state.delayed;
  if (next !== undefined) wakes.push(next.atMs);
  if (state.waiting.length > 0 && isPilot(turn)) wakes.push(state.pilotUntilMs as number);
  out.wakeAtMs = wakes.length === 0 ? null : Math.min(...wakes);
  out.pull = pullable(state);
  state.pulled += out.pull;
}

/** Calls whose time has come are tried again. */
function wakeDelayed({ state, nowMs }: Turn): void {
  const { delayed } = state;
  let due = 0;
  while (due < delayed.length && (delayed[due] as { atMs: number }).atMs <= nowMs) due += 1;
  if (due > 0) state.alone.push(delayed.splice(0, due).map(({ index }) => index));
}

function sendWaiting(turn: Turn): void {
  const { state } = turn;
  const perTask = callsPerTask(state);
  for (let tasks = sendable(turn); tasks > 0 && state.waiting.length > 0; tasks--) {
    send(turn, state.waiting.take(perTask));
  }
}

function send({ state, out }: Turn, indexes: readonly number[]): void {
  const taskId = ++state.lastTaskId;
  state.tasks.set(taskId, { indexes });
  state.sent += indexes.length;
  const tried = state.tried.get(indexes[0] as number);
  const order: TaskOrder = {
    taskId,
    indexes,
    attempt: (tried?.attempts ?? 0) + 1,
    memoryBytes: tried?.memoryBytes ?? null,
  };
  out.send.push(order);
}

/** Too little is known, and it is worth waiting a moment to know more. */
function isPilot({ state, nowMs }: Turn): boolean {
  if (nowMs >= (state.pilotUntilMs ?? Number.POSITIVE_INFINITY)) return false;
  return state.durations.length < mapCoreLimits.pilotEnds;
}

/** How many tasks of waiting calls may go now. */
function sendable(turn: Turn): number {
  const { state } = turn;
  const { pilotCalls, tasksPerSlot, tasksAtLeast } = mapCoreLimits;
  if (isPilot(turn)) return Math.max(pilotCalls, 2 * state.slots) - state.tasks.size;
  if (state.rules.alone || !isSmall(typicalDuration(state))) return state.waiting.length;
  // The first calls of a function are slow; what is sent by their measure would stay so.
  return Math.max(tasksAtLeast, tasksPerSlot * state.slots) - state.tasks.size;
}

/** How many small calls a task makes; 1 if they are not small, or nothing is known. */
function callsPerTask(state: MapState): number {
  const { taskMs, taskCalls, taskBytes } = mapCoreLimits;
  const typicalMs = typicalDuration(state);
  if (state.rules.alone || !isSmall(typicalMs)) return 1;
  const bounds = [
    taskCalls,
    taskMs / Math.max(typicalMs, Number.MIN_VALUE),
    taskBytes / Math.max(state.bytesPerCall, 1),
    // All slots get something to do, and twice, so that the faster ones can take more.
    state.waiting.length / (2 * state.slots),
  ];
  return Math.max(1, Math.floor(Math.min(...bounds)));
}

function isSmall(durationMs: number | null): durationMs is number {
  return durationMs !== null && durationMs <= mapCoreLimits.taskMs / 2;
}

/** The median of the last durations: the first ones of each worker are not typical. */
function typicalDuration({ durations }: MapState): number | null {
  if (durations.length === 0) return null;
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** Asked for in larger lots, since each costs a message. */
function pullable(state: MapState): number {
  if (state.sourceEnded) return 0;
  const { inFlight, inFlightPerSlot, refillShare } = mapCoreLimits;
  const allowed = state.rules.maxInFlight ?? Math.max(inFlight, inFlightPerSlot * state.slots);
  const free = allowed - openCalls(state) - state.pulled - state.untaken;
  return free >= Math.max(1, Math.floor(allowed * refillShare)) ? free : 0;
}
