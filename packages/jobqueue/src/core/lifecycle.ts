// How a slot goes on with what the batch system says of its job, and how it ends. Whether it is
// replaced follows from what is wanted, elsewhere.
import type { BatchOutcome, JobStatus } from "../drivers/driver.js";
import { hopeless } from "./adapt.js";
import { noteEnd } from "./endings.js";
import { fail, nameOf } from "./failures.js";
import { type JobReport, reportOf } from "./report.js";
import { enter, type Slot } from "./slot.js";
import { pastJobs } from "./state.js";
import type { Turn } from "./step.js";

export function statusChanged(turn: Turn, slot: Slot, status: JobStatus): void {
  const before = slot.status;
  slot.status = status;
  if (turn.state.requeues && endsEarlier(before, status)) slot.isPreempted = true;
  if (status.state === "ended") {
    over(turn, slot, status.outcome);
    return;
  }
  if (status.isHopeless) hopeless(turn, slot);
  const isNews = before?.word !== status.word || before.reason !== status.reason;
  if (isNews) turn.touched.add(slot.id);
  if (status.state === "running" && slot.phase === "queued") {
    enter(slot, slot.workers.length > 0 ? "up" : "starting", turn.nowMs);
    slot.deadlineMs = turn.nowMs + turn.state.limits.startMs;
  }
  // Requeued: preempted, or its node failed. It keeps its name and waits again.
  const waits = status.state === "pending" || status.state === "held";
  if (waits && (slot.phase === "starting" || slot.phase === "up" || slot.phase === "silent")) {
    enter(slot, "queued", turn.nowMs);
    slot.deadlineMs = Number.POSITIVE_INFINITY;
    slot.expiring = false;
    slot.isPreempted = false;
  }
}

/** Somebody else is to have its place: what time it has left is shorter than it was. */
function endsEarlier(before: JobStatus | null, { startMs, endMs }: JobStatus): boolean {
  if (before === null || endMs === null || before.startMs !== startMs) return false;
  return before.state === "running" && endMs < (before.endMs ?? Number.POSITIVE_INFINITY);
}

/** The batch system does not know it any more. */
export function vanished(turn: Turn, slot: Slot): void {
  over(turn, slot, slot.status === null ? null : (slot.status.outcome ?? "lost"));
}

/** These end jobs without a fault of the job. */
const innocent = new Set<BatchOutcome | "lost">(["timeout", "preempted", "node-failed"]);

function over(turn: Turn, slot: Slot, outcome: BatchOutcome | "lost" | null): void {
  const { state, out, nowMs } = turn;
  state.slots.delete(slot.id);
  turn.touched.delete(slot.id);
  const report: JobReport = { ...reportOf(slot), phase: "over", sinceMs: nowMs, outcome };
  out.changed.push(report);
  for (const { address } of slot.workers) {
    out.news.push({ type: "worker", change: "removed", job: nameOf(slot), address });
  }
  state.past.push(report);
  if (state.past.length > pastJobs) state.past.shift();
  if (slot.leaving !== null || state.closing !== null) return;
  const ending = story(slot, outcome);
  const isDone = slot.phase === "up" && outcome === "completed";
  noteEnd(turn, nameOf(slot), ending, isDone ? "info" : "warn");
  if (isDone || (outcome !== null && innocent.has(outcome))) return;
  fail(turn, slot, `job ${nameOf(slot)} ended: ${ending}`);
}

function story({ status, phase }: Slot, outcome: BatchOutcome | "lost" | null): string {
  const exit =
    status?.signal != null
      ? `, signal ${status.signal}`
      : status?.exitCode != null
        ? `, exit code ${status.exitCode}`
        : "";
  const why = status?.reason ? ` (${status.reason})` : "";
  const when = phase === "queued" || phase === "starting" ? " before its workers were here" : "";
  return `${outcome ?? "unknown to the queue"}${why}${exit}${when}`;
}
