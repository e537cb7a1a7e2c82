// What users are told of a job, while it lives and when it is over.
// Must not know how they are told.
import type { BatchOutcome, JobRef } from "../drivers/driver.js";
import { type Phase, type Slot, slotName } from "./slot.js";

export interface JobReport {
  /** Our number for it. */
  readonly slot: number;
  /** As its workers are named; null until it is submitted. */
  readonly name: string | null;
  readonly ref: JobRef | null;
  readonly phase: Phase | "over";
  readonly sinceMs: number;
  /** The batch system's own word. */
  readonly batchState: string;
  /** Why it waits, or why it ended. */
  readonly reason: string;
  readonly nodes: string;
  /** When it started, or is expected to. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly workers: number;
  readonly outcome: BatchOutcome | "lost" | null;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly restarts: number;
}

export function reportOf(slot: Slot): JobReport {
  const { ref, status } = slot;
  return {
    slot: slot.id,
    name: ref === null ? null : slotName(ref),
    ref,
    phase: slot.phase,
    sinceMs: slot.sinceMs,
    batchState: status?.word ?? "",
    reason: status?.reason ?? "",
    nodes: status?.nodes ?? "",
    startMs: status?.startMs ?? null,
    endMs: status?.endMs ?? null,
    workers: slot.workers.length,
    outcome: null,
    exitCode: status?.exitCode ?? null,
    signal: status?.signal ?? null,
    restarts: status?.restarts ?? 0,
  };
}
