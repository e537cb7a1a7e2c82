// A cluster that follows its work: how many jobs there are to be, from what the scheduler wishes,
// the bounds, and how the queue behaves. Grows at once and shrinks late. What may go is named by
// the scheduler; a job goes as a whole, after its workers have handed over what they hold.
import type { AdaptRules } from "./adapt-rules.js";
import { giveUp } from "./failures.js";
import { isLive, type Slot, slotName } from "./slot.js";
import type { ReconcileState } from "./state.js";
import type { Turn } from "./step.js";
import { cancel, drain } from "./watch.js";

export interface Adapting {
  readonly rules: AdaptRules;
  /** The scheduler is asked again then; Infinity: it has not answered. */
  askAtMs: number;
  /** What it wished lately, in jobs, the newest last. */
  wishes: number[];
  grewMs: number;
  /** Since then fewer jobs are wished for than there are, and at most so many. */
  surplus: { sinceMs: number; most: number } | null;
  /** It was asked who may go, and has not answered. */
  asksWhoGoes: boolean;
}

export function beginAdapting(turn: Turn, rules: AdaptRules | null): void {
  const { state, nowMs } = turn;
  state.adapting = null;
  if (rules === null) return;
  const [wishes, surplus, asksWhoGoes] = [[], null, false];
  const grewMs = Number.NEGATIVE_INFINITY;
  state.adapting = { rules, askAtMs: nowMs, wishes, grewMs, surplus, asksWhoGoes };
  state.isBroken = false;
  state.failures = [];
  state.submitAfterMs = 0;
}

/** Asks what is wished for, when it is time. */
export function askWish({ state, out, nowMs }: Turn): void {
  const { adapting } = state;
  if (adapting === null || nowMs < adapting.askAtMs) return;
  if (isEnding(state)) {
    adapting.askAtMs = nowMs + adapting.rules.intervalMs;
    return;
  }
  adapting.askAtMs = Number.POSITIVE_INFINITY;
  out.wish = adapting.rules.targetDurationMs;
}

/** @param workers - null: the scheduler did not answer */
export function wished(turn: Turn, workers: number | null): void {
  const { state, nowMs } = turn;
  const { adapting } = state;
  if (adapting === null) return;
  const { rules, wishes } = adapting;
  adapting.askAtMs = nowMs + rules.intervalMs;
  if (workers === null || isEnding(state)) return;
  const jobs = Math.ceil(workers / state.processes);
  const wish = Math.max(rules.minimumJobs, Math.min(jobs, rules.maximumJobs));
  wishes.push(wish);
  if (wishes.length > rules.waitCount) wishes.shift();
  // What is not submitted any more is not there.
  if (state.isBroken) state.wantedJobs = Math.min(state.wantedJobs, counts(turn).live);
  if (wish >= state.wantedJobs) growTo(turn, adapting, wish);
  else shrinkTowards(turn, adapting, wish);
}

function growTo(turn: Turn, adapting: Adapting, wish: number): void {
  const { state, nowMs } = turn;
  adapting.surplus = null;
  if (wish === state.wantedJobs || state.isBroken) return;
  // More jobs in a long queue would only stand behind those that wait there already.
  if (counts(turn).waitingSinceMs + adapting.rules.patienceMs < nowMs) return;
  adapting.grewMs = nowMs;
  want(turn, wish);
}

function shrinkTowards(turn: Turn, adapting: Adapting, wish: number): void {
  const { state, out, nowMs } = turn;
  const { rules, wishes } = adapting;
  adapting.surplus ??= { sinceMs: nowMs, most: wish };
  adapting.surplus.most = Math.max(adapting.surplus.most, wish);
  const { sinceMs, most } = adapting.surplus;
  // Who waits in the queue costs nothing, and loses its place by leaving.
  if (nowMs - sinceMs >= rules.patienceMs) giveUpWaiting(turn, state.wantedJobs - most);
  const isHasty = wishes.length < rules.waitCount || nowMs - adapting.grewMs < rules.cooldownMs;
  if (isHasty || adapting.asksWhoGoes) return;
  const excess = counts(turn).up - Math.max(...wishes);
  if (excess <= 0) return;
  adapting.asksWhoGoes = true;
  out.whoGoes = excess * state.processes;
}

/** The newest first. */
function giveUpWaiting(turn: Turn, most: number): void {
  const waiting = [...turn.state.slots.values()].filter(
    (slot) => isLive(slot) && (slot.phase === "queued" || slot.phase === "submitting"),
  );
  const leaving = waiting.reverse().slice(0, Math.max(0, most));
  for (const slot of leaving) cancel(turn, slot, "unwanted");
  want(turn, turn.state.wantedJobs - leaving.length);
}

/** @param workers - addresses of those that may go; whom one would miss least comes first */
export function whoGoes(turn: Turn, workers: readonly string[]): void {
  const { state } = turn;
  const { adapting } = state;
  if (adapting === null) return;
  adapting.asksWhoGoes = false;
  // Meanwhile more may be wished for.
  if (adapting.surplus === null || isEnding(state)) return;
  const excess = counts(turn).up - Math.max(...adapting.wishes);
  const order = new Map(workers.map((address, at) => [address, at]));
  const free = [...state.slots.values()].filter(
    (slot) => isUp(slot) && slot.workers.every(({ address }) => order.has(address)),
  );
  const first = ({ workers: [one] }: Slot): number => order.get(one?.address ?? "") ?? 0;
  const leaving = free.sort((a, b) => first(a) - first(b)).slice(0, Math.max(0, excess));
  for (const slot of leaving) drain(turn, slot, "idle");
  want(turn, state.wantedJobs - leaving.length);
}

/** Nothing is begun any more, unless it changes its mind. */
const isEnding = ({ closing, detaching }: ReconcileState): boolean =>
  closing !== null || detaching !== null;

const isUp = (slot: Slot): boolean => isLive(slot) && slot.phase === "up" && !slot.expiring;

/** Its request can never be met, and so can no other one like it. */
export function hopeless(turn: Turn, slot: Slot): void {
  const { state, nowMs } = turn;
  if (state.adapting === null || slot.phase !== "queued" || slot.ref === null) return;
  const name = slotName(slot.ref);
  const text = `job ${name} can never run: the queue says ${slot.status?.reason}`;
  cancel(turn, slot, "failed");
  want(turn, state.wantedJobs - 1);
  if (state.isBroken) return;
  state.failures.push({ atMs: nowMs, slot: null, text });
  giveUp(turn, "NEVER_RUNS", text);
}

function want({ state, out }: Turn, jobs: number): void {
  const before = state.wantedJobs;
  if (jobs === before) return;
  state.wantedJobs = jobs;
  out.news.push({ type: "scale", cause: "adapt", jobs, before });
}

interface Counts {
  live: number;
  up: number;
  /** When the first of those that wait in the queue was submitted. */
  waitingSinceMs: number;
}

function counts({ state }: Turn): Counts {
  const found: Counts = { live: 0, up: 0, waitingSinceMs: Number.POSITIVE_INFINITY };
  for (const slot of state.slots.values()) {
    if (!isLive(slot) || slot.expiring) continue;
    found.live += 1;
    if (slot.phase === "up") found.up += 1;
    if (slot.phase !== "queued") continue;
    found.waitingSinceMs = Math.min(found.waitingSinceMs, slot.sinceMs);
  }
  return found;
}
