// Moves work from crowded workers to idle ones: when a worker turns idle, when one becomes crowded
// while another is idle, and when a crowded worker is overdue. A steal asks the victim first; the
// task stays where it is until the victim answers. Corresponds to dask's WorkStealing.
import { taskKey, type WorkerToScheduler } from "@acme/protocol";
import type { Buckets } from "./buckets.js";
import { isRunning } from "./buckets.js";
import { durationUs, isKnown, loadUs, transferUs } from "./durations.js";
import { busyCount, land } from "./flight.js";
import { coreLimits } from "./limits.js";
import { validWorkers } from "./open-workers.js";
import { heapPop, heapPush } from "./priority-heap.js";
import { type Flight, flag, isSet, type Task } from "./task.js";
import { recommend, settle, touch } from "./transitions/engine.js";
import { sendCompute } from "./transitions/to-processing.js";
import { flushFreed, stimulate, type Turn, toWorker, wakeBy } from "./turn.js";
import type { WorkerState } from "./worker-state.js";

/** Asks for steals where they help; called once at the end of a step. */
export function steal(turn: Turn): void {
  const state = turn.state;
  if (!state.settings.workStealing || state.crowded.size === 0) return;
  // There is still work to hand out to who is idle.
  if (turn.placementsLeft <= 0) return;
  const thieves = idleWorkers(turn);
  if (thieves.length === 0) return;
  let left = coreLimits.stealsPerPass;
  for (const thief of thieves) {
    if (left <= 0) return;
    left -= stealFor(turn, thief, Math.min(left, thief.nthreads * coreLimits.inFlightPerSlot));
  }
  watchOverdue(turn);
}

/** Workers with nothing to do and nothing coming. */
function idleWorkers(turn: Turn): WorkerState[] {
  const found: WorkerState[] = [];
  for (const open of turn.state.open.values()) collectIdle(open, found);
  return found;
}

function collectIdle(open: Buckets, found: WorkerState[]): void {
  for (const set of open.sets) {
    for (const worker of set) {
      if (found.length >= coreLimits.thievesPerPass) return;
      if (worker.stealsComing === 0 && busyCount(worker) < worker.nthreads) found.push(worker);
    }
  }
}

function stealFor(turn: Turn, thief: WorkerState, most: number): number {
  let budgetUs = (thief.nthreads - busyCount(thief)) * coreLimits.inFlightPerSlotMs * 1000;
  let asked = 0;
  for (const victim of victimsFor(turn, thief)) {
    for (const task of candidates(victim)) {
      if (asked >= most || budgetUs <= 0) return asked;
      if (!isWorthMoving(turn, task, victim, thief)) continue;
      ask(turn, task, thief);
      budgetUs -= loadUs(task);
      asked += 1;
    }
  }
  return asked;
}

/** A few crowded workers, the most loaded first. */
function victimsFor(turn: Turn, thief: WorkerState): WorkerState[] {
  const found: WorkerState[] = [];
  for (const worker of turn.state.crowded) {
    if (worker !== thief && worker.lang === thief.lang) found.push(worker);
    if (found.length >= coreLimits.victimsPerThief) break;
  }
  return found.sort((a, b) => b.occupancyUs / b.nthreads - a.occupancyUs / a.nthreads);
}

/** Tasks of a victim that have probably not started: those behind as many as it has threads. */
function* candidates(victim: WorkerState): IterableIterator<Task> {
  let waiting = busyCount(victim) - victim.nthreads;
  let running = victim.nthreads;
  let looked = 0;
  for (const task of victim.processing) {
    const flight = task.flight;
    if (flight === null || flight.longRunning) continue;
    if (running > 0) {
      running -= 1;
      continue;
    }
    if (flight.steal !== null) waiting -= 1;
    looked += 1;
    if (waiting <= 0 || looked > coreLimits.stealCandidates) return;
    if (flight.steal !== null || flight.started) continue;
    if (!isSet(task, flag.actor | flag.suspect)) yield task;
  }
}

function isWorthMoving(turn: Turn, task: Task, victim: WorkerState, thief: WorkerState): boolean {
  const state = turn.state;
  if (!validWorkers(state, task.constraint).has(thief)) return false;
  const fetchUs = transferUs(state, task, thief);
  // What has taken too long may take as long again: still less than fetching much elsewhere.
  if (overdueAtMs(victim) <= turn.nowMs) return fetchUs <= busyForMs(turn, victim) * 1000;
  const computeUs = durationUs(task);
  if (isKnown(task) && computeUs < coreLimits.stealMinMs * 1000) return false;
  if (fetchUs > computeUs) {
    return thief.occupancyUs / thief.nthreads + fetchUs <= waitUs(turn, task, victim);
  }
  const onThiefUs = computeUs + fetchUs;
  const onVictimUs = computeUs + transferUs(state, task, victim);
  return (
    thief.occupancyUs / thief.nthreads + onThiefUs <=
    victim.occupancyUs / victim.nthreads - onVictimUs / 2 + computeUs / 2
  );
}

/**
 * How long a task has yet to wait for its victim. What was assumed for fetching when its tasks were
 * sent does not count: a worker fetches for all of them at once, and may be done with that.
 */
function waitUs(turn: Turn, task: Task, victim: WorkerState): number {
  let aheadUs = 0;
  let sentAtMs = turn.nowMs;
  for (const { flight } of victim.processing) {
    if (flight === task.flight) {
      sentAtMs = flight?.sentAtMs ?? sentAtMs;
      break;
    }
    if (flight !== null && !flight.longRunning) aheadUs += flight.durationUs;
  }
  const leftUs = transferUs(turn.state, task, victim) - (turn.nowMs - sentAtMs) * 1000;
  return aheadUs / victim.nthreads + Math.max(0, leftUs);
}

function ask(turn: Turn, task: Task, thief: WorkerState): void {
  const flight = task.flight;
  if (flight === null) return;
  const before = turn.stimulus;
  const stimulusId = stimulate(turn, "steal");
  flight.steal = { stimulusId, thief };
  thief.stealsComing += 1;
  turn.state.counters.stealsAsked += 1;
  toWorker(turn, flight.worker, {
    op: "steal-request",
    key: task.wire,
    stimulus_id: stimulusId,
  });
  turn.stimulus = before;
  touch(turn, task);
}

type StealResponse = Extract<WorkerToScheduler, { op: "steal-response" }>;

/** What the victim says: it gave the task up, or it is too late. */
export function answerSteal(turn: Turn, victim: WorkerState, message: StealResponse): void {
  const task = turn.state.tasks.get(taskKey(message.key));
  const flight = task?.flight ?? null;
  if (task === undefined || flight === null || flight.worker !== victim) return;
  if (flight.steal === null || flight.steal.stimulusId !== message.stimulus_id) return;
  const { thief } = flight.steal;
  flight.steal = null;
  thief.stealsComing -= 1;
  if (thief.stealsComing === 0) turn.idle.add(thief);
  switch (message.state) {
    case "ready":
    case "constrained":
    case "waiting":
      move(turn, task, thief);
      return;
    case "released":
    case null:
      recommend(turn, task, "released");
      settle(turn);
      return;
    default:
      flight.started = true;
  }
}

function move(turn: Turn, task: Task, thief: WorkerState): void {
  const canRun = isRunning(thief) && thief.link >= 0 && thief.reservedFor === null;
  if (!canRun || !validWorkers(turn.state, task.constraint).has(thief)) {
    recommend(turn, task, "released");
    settle(turn);
    return;
  }
  land(turn, task);
  flushFreed(turn);
  sendCompute(turn, task, thief);
  turn.state.counters.stealsWon += 1;
  touch(turn, task);
}

/** The task that a worker has had longest, of those that occupy it. */
function oldestOf(worker: WorkerState): Flight | null {
  for (const { flight } of worker.processing) {
    if (flight !== null && !flight.longRunning) return flight;
  }
  return null;
}

/** Since when a worker is at its oldest task, which it may have got while it ran another. */
const startMs = (worker: WorkerState, { sentAtMs }: Flight): number =>
  Math.max(sentAtMs, worker.landedAtMs);

function busyForMs(turn: Turn, worker: WorkerState): number {
  const oldest = oldestOf(worker);
  return oldest === null ? 0 : turn.nowMs - startMs(worker, oldest);
}

/** When the oldest task of a worker has taken much longer than expected, fetching included. */
function overdueAtMs(worker: WorkerState): number {
  const oldest = oldestOf(worker);
  if (oldest === null) return Number.POSITIVE_INFINITY;
  const expectedMs = (oldest.costUs / 1000) * coreLimits.overdueFactor;
  return startMs(worker, oldest) + Math.max(coreLimits.overdueMinMs, expectedMs);
}

/** While somebody is idle, wakes the core when the next crowded worker becomes overdue. */
function watchOverdue(turn: Turn): void {
  const { crowded, overdue } = turn.state;
  for (const worker of crowded) {
    if (worker.overdueAtMs !== Number.POSITIVE_INFINITY) continue;
    schedule(turn, worker, overdueAtMs(worker));
  }
  while (overdue.items.length > 0 && (overdue.orders[0] as number) <= turn.nowMs) {
    const worker = heapPop(overdue);
    worker.overdueAtMs = Number.POSITIVE_INFINITY;
    if (!crowded.has(worker)) continue;
    const atMs = overdueAtMs(worker);
    // One that stays overdue is looked at again, since more may become stealable.
    schedule(turn, worker, atMs > turn.nowMs ? atMs : turn.nowMs + coreLimits.overdueMinMs);
  }
  if (overdue.items.length > 0) wakeBy(turn, overdue.orders[0] as number);
}

function schedule(turn: Turn, worker: WorkerState, atMs: number): void {
  if (!Number.isFinite(atMs)) return;
  worker.overdueAtMs = atMs;
  heapPush(turn.state.overdue, atMs, worker);
}
