// One place for a job: from the wish for it, through one element of an array, to its end. Plain
// data; what happens to it is decided by the rooms beside this one.
import type { JobRef, JobStatus } from "../drivers/driver.js";

/**
 * `submitting`: the command is under way. `queued`: submitted. `starting`: the batch system says
 * that it runs, its workers are not all here. `up`: they are. `silent`: they were, and are away.
 * `draining`: its workers are leaving. `cancelling`: we have cancelled it.
 */
export type Phase =
  | "submitting"
  | "queued"
  | "starting"
  | "up"
  | "silent"
  | "draining"
  | "cancelling";

/** A worker as the scheduler knows it. */
export interface WorkerSight {
  readonly address: string;
  readonly status: string;
  /** Seconds of work that it has. */
  readonly occupancyS: number;
  readonly storedBytes: number;
}

export interface Slot {
  readonly id: number;
  readonly submission: number;
  /** Null until the command has answered. */
  ref: JobRef | null;
  phase: Phase;
  sinceMs: number;
  status: JobStatus | null;
  /** When the batch system last named it. */
  namedMs: number;
  /** It was named at least once, so that silence means something. */
  wasNamed: boolean;
  workers: readonly WorkerSight[];
  /** Why it is to go; it is not replaced unless it failed. */
  leaving: LeaveReason | null;
  /** A replacement for it was asked for, because its time is nearly up. */
  expiring: boolean;
  /** The batch system takes its place away, and will start it again. */
  isPreempted: boolean;
  /** When what it is doing has to be over. */
  deadlineMs: number;
}

/** `idle`: nobody asked for it, so that nothing may be lost by it. */
export type LeaveReason = "unwanted" | "idle" | "expired" | "failed";

export function newSlot(id: number, submission: number, nowMs: number): Slot {
  return {
    id,
    submission,
    ref: null,
    phase: "submitting",
    sinceMs: nowMs,
    status: null,
    namedMs: nowMs,
    wasNamed: false,
    workers: [],
    leaving: null,
    expiring: false,
    isPreempted: false,
    deadlineMs: Number.POSITIVE_INFINITY,
  };
}

export function enter(slot: Slot, phase: Phase, nowMs: number): void {
  if (slot.phase === phase) return;
  slot.phase = phase;
  slot.sinceMs = nowMs;
}

/** Counts towards what is wanted. */
export const isLive = (slot: Slot): boolean =>
  slot.leaving === null && slot.phase !== "draining" && slot.phase !== "cancelling";

/** The name that its workers begin with, as their scripts make it. */
export const slotName = ({ jobId, index }: JobRef): string => `${jobId}_${index ?? 0}`;

type Slots = ReadonlyMap<number, Slot>;

/** Without a copy of them all: this is done in every step. */
export function someSlot(slots: Slots, test: (slot: Slot) => boolean): boolean {
  for (const slot of slots.values()) if (test(slot)) return true;
  return false;
}

export function countSlots(slots: Slots, test: (slot: Slot) => boolean): number {
  let count = 0;
  for (const slot of slots.values()) if (test(slot)) count += 1;
  return count;
}
