// Who does what only Python can do: a worker of the client's release, or the process beside the
// scheduler; another one when the first could not, and nobody when all have failed. What is done
// with the answers is not known here.
import { coreLimits } from "../limits.js";
import type { SchedulerState } from "../state.js";
import { log, type Turn, wakeBy } from "../turn.js";
import type { WorkerState } from "../worker-state.js";
import { type Errand, type ErrandTask, type Helper, helper } from "./errands.js";

/** An errand that is not done; whoever wanted it is told why. */
export interface GivenUp {
  readonly id: number;
  readonly task: ErrandTask;
  readonly error: string;
}

/** Has something done; returns its number. */
export function begin(turn: Turn, task: ErrandTask): number {
  const { errands } = turn.state;
  errands.next += 1;
  const errand: Errand = {
    id: errands.next,
    task,
    doer: null,
    failures: 0,
    helperFailures: 0,
    failed: new Set(),
    failedAtMs: 0,
    lastError: "",
    giveUpAtMs: Number.POSITIVE_INFINITY,
  };
  errands.open.set(errand.id, errand);
  if (!assign(turn, errand)) letWait(turn, errand);
  return errand.id;
}

/** An answer has come; null if nobody waits for it any more. */
export function end(turn: Turn, id: number): ErrandTask | null {
  const { errands } = turn.state;
  const errand = errands.open.get(id);
  if (errand === undefined) return null;
  errands.open.delete(id);
  errands.waiting.delete(errand);
  free(errand);
  return errand.task;
}

/** Nobody wants it any more. */
export function abandon(turn: Turn, id: number): void {
  if (end(turn, id) !== null) turn.out.abandoned.push(id);
}

/** Whoever was at it could not do it, which says nothing of others. */
export function failed(turn: Turn, id: number, message: string): void {
  const errand = turn.state.errands.open.get(id);
  if (errand === undefined || errand.doer === null) return;
  const { doer, task } = errand;
  free(errand);
  errand.failures += 1;
  errand.failedAtMs = turn.nowMs;
  errand.lastError = message;
  if (doer === helper) {
    errand.helperFailures += 1;
    // It has died, perhaps for good.
    forgetHelper(turn.state.errands.helper);
  } else errand.failed.add(doer);
  const name = doer === helper ? turn.state.errands.helper?.name : doer.address;
  const what = task.type === "unfold" ? "unfold a graph" : "lay out a shuffle";
  const text = `${name} could not ${what}: ${message}`;
  const client = task.type === "unfold" ? { client: task.client } : {};
  log(turn, { level: "warn", event: `${task.type}-failed`, text, ...client });
  if (!assign(turn, errand)) letWait(turn, errand);
}

/** The process beside the scheduler said which dask it has, or there is no such process. */
export function helperAnswered(
  turn: Turn,
  { dask, problem }: { dask: string | null; problem: string | null },
): void {
  const { errands } = turn.state;
  if (errands.helper === null) return;
  const askAtMs = problem === null ? 0 : turn.nowMs + coreLimits.helperRetryMs;
  Object.assign(errands.helper, { dask, problem, askAtMs, isAsked: false });
  errands.nextLookMs = 0;
}

/** Gives out what waits, when something has changed or its time is up. */
export function tendErrands(turn: Turn): GivenUp[] {
  const { errands } = turn.state;
  const known = errands.helper;
  // To start it takes a second, which nobody should wait for.
  if (known?.isFirst === true && known.dask === null && known.problem === null) askHelper(turn);
  if (errands.waiting.size === 0) return [];
  if (errands.nextLookMs > turn.nowMs && !turn.workersChanged) {
    wakeBy(turn, errands.nextLookMs);
    return [];
  }
  errands.nextLookMs = Number.POSITIVE_INFINITY;
  const givenUp: GivenUp[] = [];
  for (const errand of errands.waiting) {
    if (assign(turn, errand)) {
      errands.waiting.delete(errand);
      continue;
    }
    const untilMs = waitsUntil(turn, errand);
    if (untilMs > turn.nowMs) {
      errands.nextLookMs = Math.min(errands.nextLookMs, untilMs);
      continue;
    }
    end(turn, errand.id);
    givenUp.push({ id: errand.id, task: errand.task, error: whyNot(turn, errand) });
  }
  wakeBy(turn, errands.nextLookMs);
  return givenUp;
}

export function joinErrands({ state }: Turn, worker: WorkerState): void {
  if (!runsPython(worker)) return;
  const release = worker.versions.dask ?? "";
  const known = state.errands.workers.get(release);
  if (known === undefined) state.errands.workers.set(release, new Set([worker]));
  else known.add(worker);
}

/** What it was at is heard of from whoever has asked it. */
export function leaveErrands({ state }: Turn, worker: WorkerState): void {
  const release = worker.versions.dask ?? "";
  const known = state.errands.workers.get(release);
  if (known?.delete(worker) && known.size === 0) state.errands.workers.delete(release);
}

export const runsPython = ({ lang, acme }: WorkerState): boolean => lang === "py" && acme === 0;

/** Whoever was at something has lost who asked: it waits for somebody again. */
export function askAgain({ errands }: SchedulerState): void {
  for (const errand of errands.open.values()) {
    free(errand);
    errands.waiting.add(errand);
  }
  errands.nextLookMs = 0;
  if (errands.helper !== null) errands.helper.isAsked = false;
}

function letWait(turn: Turn, errand: Errand): void {
  const { errands } = turn.state;
  errands.waiting.add(errand);
  errands.nextLookMs = 0;
  wakeBy(turn, turn.nowMs);
}

function free(errand: Errand): void {
  if (errand.doer !== null && errand.doer !== helper) errand.doer.errands -= 1;
  errand.doer = null;
}

/** Until when it waits for somebody who could do it. */
function waitsUntil(turn: Turn, errand: Errand): number {
  const known = turn.state.errands.helper;
  if (errand.task.type === "lay-out" || turn.state.settings.python === null) return turn.nowMs;
  if (known?.isAsked && mayHelp(errand)) return Number.POSITIVE_INFINITY;
  if (errand.failures > 0) return waitsAfterFailure(turn, errand);
  if (errand.giveUpAtMs === Number.POSITIVE_INFINITY) {
    errand.giveUpAtMs = turn.nowMs + coreLimits.errandWaitMs;
  }
  // The process beside the scheduler may be there again before.
  const isHopeful = known !== null && known.problem !== null && known.askAtMs > turn.nowMs;
  return isHopeful ? Math.min(known.askAtMs, errand.giveUpAtMs) : errand.giveUpAtMs;
}

/** Who has died over it is mostly started again; that it has died may be heard of a little later. */
function waitsAfterFailure(turn: Turn, { failures, failed, failedAtMs }: Errand): number {
  if (failures >= coreLimits.errandAttempts || failed.size === 0) return turn.nowMs;
  for (const { link } of failed) if (link < 0) return failedAtMs + coreLimits.errandWaitMs;
  return failedAtMs + coreLimits.errandGraceMs;
}

const mayHelp = ({ task, failures, helperFailures }: Errand): boolean =>
  task.type === "unfold" &&
  failures < coreLimits.errandAttempts &&
  helperFailures < coreLimits.helperAttempts;

/** Asks whoever is next; false if there is nobody at present. */
function assign(turn: Turn, errand: Errand): boolean {
  const { errands, settings } = turn.state;
  if (settings.python === null || errand.failures >= coreLimits.errandAttempts) return false;
  const first = errands.helper?.isFirst === true;
  if (first && helps(turn, errand)) return hand(turn, errand, helper);
  // It is worth waiting for whoever was chosen to do this.
  if (first && errands.helper?.isAsked && mayHelp(errand)) return false;
  const worker = leastBusy(turn, errand);
  if (worker !== null) return hand(turn, errand, worker);
  return !first && helps(turn, errand) && hand(turn, errand, helper);
}

function hand(turn: Turn, errand: Errand, doer: WorkerState | typeof helper): true {
  errand.doer = doer;
  if (doer !== helper) {
    doer.errands += 1;
    const same = turn.state.errands.workers.get(doer.versions.dask ?? "");
    same?.delete(doer);
    same?.add(doer);
  }
  const at = doer === helper ? null : doer.address;
  turn.out.errands.push({ errandId: errand.id, at, task: errand.task });
  return true;
}

/** Whether the process beside the scheduler can do it; asks it what it is, if that is not known. */
function helps(turn: Turn, errand: Errand): boolean {
  const known = turn.state.errands.helper;
  if (known === null || errand.task.type !== "unfold" || !mayHelp(errand)) return false;
  if (known.dask === null) {
    askHelper(turn);
    return false;
  }
  return errand.task.dask === null || errand.task.dask === known.dask;
}

function askHelper(turn: Turn): void {
  const known = turn.state.errands.helper;
  if (known === null || known.isAsked || known.askAtMs > turn.nowMs) return;
  known.isAsked = true;
  known.problem = null;
  turn.out.asksHelper = true;
}

function forgetHelper(known: Helper | null): void {
  if (known !== null) Object.assign(known, { dask: null, problem: null, askAtMs: 0 });
}

/** A worker that has not failed at it, of the same dask if there is one. */
function leastBusy({ state }: Turn, errand: Errand): WorkerState | null {
  const { workers } = state.errands;
  const wanted = errand.task.type === "unfold" ? errand.task.dask : null;
  const same = wanted === null ? undefined : workers.get(wanted);
  const found = same === undefined ? null : leastBusyOf(same, errand);
  if (found !== null) return found;
  let best: WorkerState | null = null;
  for (const others of workers.values()) {
    const one = others === same ? null : leastBusyOf(others, errand);
    if (one !== null && (best === null || isBusier(best, one))) best = one;
  }
  return best;
}

/** Of a few; who was asked last is looked at last. */
function leastBusyOf(workers: ReadonlySet<WorkerState>, { failed }: Errand): WorkerState | null {
  let best: WorkerState | null = null;
  let looks = coreLimits.errandCandidates;
  for (const worker of workers) {
    if (failed.has(worker)) continue;
    if (worker.status !== "init" && (best === null || isBusier(best, worker))) best = worker;
    looks -= 1;
    if (looks === 0) break;
  }
  return best;
}

function isBusier(one: WorkerState, other: WorkerState): boolean {
  if (one.errands !== other.errands) return one.errands > other.errands;
  return one.processing.size * other.nthreads > other.processing.size * one.nthreads;
}

function whyNot({ state }: Turn, { task, failures, lastError }: Errand): string {
  if (task.type === "lay-out") {
    return failures === 0 ? "no Python worker is connected" : lastError;
  }
  if (state.settings.python === null) {
    return "this scheduler was started without Python, which graphs of Python clients need";
  }
  if (failures > 0) {
    return `Nobody could unfold the graph, tried ${failures} times. The last to try said: ${lastError}`;
  }
  const known = state.errands.helper;
  const its =
    known === null
      ? ""
      : ` (${known.problem ?? `${known.name} has dask ${known.dask}, the client ${task.dask}`})`;
  const wanted = task.dask === null ? "" : ` ${task.dask}`;
  return (
    "The scheduler needs Python to unfold graphs of Python clients. No Python worker is " +
    `connected, and there is no helper${its}. Start a Python worker (\`dask worker\`), or the ` +
    `scheduler with \`--python <executable>\` of a Python that has dask${wanted}`
  );
}
