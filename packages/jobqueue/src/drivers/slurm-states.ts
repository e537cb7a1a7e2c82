// SLURM's words for the state of a job, and what they mean to us. The one place that knows them.
// Must not know how they were printed.
import type { BatchOutcome, BatchState } from "./driver.js";

interface Meaning {
  readonly state: BatchState;
  readonly outcome: BatchOutcome | null;
}

const ended = (outcome: BatchOutcome): Meaning => ({ state: "ended", outcome });
const now = (state: BatchState): Meaning => ({ state, outcome: null });

const meanings: Readonly<Record<string, Meaning>> = {
  PENDING: now("pending"),
  REQUEUED: now("pending"),
  REQUEUE_FED: now("pending"),
  REQUEUE_HOLD: now("held"),
  RESV_DEL_HOLD: now("held"),
  SPECIAL_EXIT: now("held"),
  CONFIGURING: now("starting"),
  POWER_UP_NODE: now("starting"),
  RUNNING: now("running"),
  SIGNALING: now("running"),
  STAGE_OUT: now("ending"),
  SUSPENDED: now("running"),
  STOPPED: now("running"),
  RESIZING: now("running"),
  COMPLETING: now("ending"),
  COMPLETED: ended("completed"),
  CANCELLED: ended("cancelled"),
  REVOKED: ended("cancelled"),
  FAILED: ended("failed"),
  LAUNCH_FAILED: ended("failed"),
  RECONFIG_FAIL: ended("failed"),
  BOOT_FAIL: ended("node-failed"),
  NODE_FAIL: ended("node-failed"),
  TIMEOUT: ended("timeout"),
  DEADLINE: ended("timeout"),
  OUT_OF_MEMORY: ended("out-of-memory"),
  PREEMPTED: ended("preempted"),
};

/** Several words at once are a base state with flags; the flag that keeps a job alive wins. */
export function slurmMeaning(words: readonly string[], reason: string) {
  const { state, outcome } = meaningOf(words, reason);
  const isHopeless = state === "pending" && hopeless.has(reason.split(",")[0]?.trim() ?? "");
  return { state, outcome, isHopeless };
}

function meaningOf(words: readonly string[], reason: string): Meaning {
  const all = words.map((word) => meanings[word.toUpperCase()] ?? now("running"));
  const order: BatchState[] = ["ending", "held", "pending", "starting", "running", "ended"];
  const first = order.flatMap((state) => all.find((each) => each.state === state) ?? [])[0];
  const meaning = first ?? now("pending");
  return meaning.state === "pending" && /^JobHeld/.test(reason) ? now("held") : meaning;
}

// Of these reasons SLURM's own documentation says that nothing but a change of the request, or of
// the cluster's configuration, will end the wait.
const hopeless = new Set([
  "PartitionConfig",
  "PartitionNodeLimit",
  "PartitionTimeLimit",
  "BadConstraints",
  "AccountNotAllowed",
  "QOSNotAllowed",
  "InvalidAccount",
  "InvalidQOS",
  "AssocMaxCpuPerJobLimit",
  "AssocMaxMemPerJob",
  "QOSMaxCpuPerJobLimit",
  "QOSMaxMemoryPerJob",
  "DependencyNeverSatisfied",
]);
