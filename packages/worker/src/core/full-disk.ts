// What a worker does when the spill disk takes nothing: it keeps all that is finished, begins nothing
// more as soon as memory holds too much, gives back what has not started, and tries again later.
// It must not know how values are written.
import { type Core, log } from "./context.js";
import { releaseReadAhead } from "./hand-over.js";
import { handBackUnstarted } from "./leaving.js";
import { reportStatus } from "./link.js";

/** A value could not be written. */
export function diskFailed(core: Core, problem: string | undefined): void {
  const { state } = core;
  const isNew = state.spillBlockedUntilMs === 0;
  state.spillBlockedUntilMs = core.nowMs + state.limits.spillRetryMs;
  state.processExcessBytes = 0;
  state.spillProblem = problem ?? "A value could not be spilled.";
  if (!isNew) return;
  log(core, "error", `${state.spillProblem} Values stay in memory for now`, {
    retryInMs: state.limits.spillRetryMs,
    memoryBytes: state.memoryBytes,
    diskBytes: state.diskBytes,
  });
}

/** A value was written: nothing is in the way. */
export function diskTakes(core: Core): void {
  core.state.spillBlockedUntilMs = 0;
}

/**
 * Memory holds too much and nothing can be spilled. This may last, so that unlike in a pause for
 * memory, tasks that wait here go to other workers.
 */
export function pauseForDisk(core: Core): void {
  const { state } = core;
  if (state.pausedFor.has("disk")) return;
  if (state.pausedFor.size === 0) releaseReadAhead(core);
  state.pausedFor.add("disk");
  log(core, "warn", "Paused: memory holds all it may, and the spill disk takes nothing", {
    problem: state.spillProblem,
    memoryBytes: state.memoryBytes,
    diskBytes: state.diskBytes,
  });
  // Before tasks are given back, or they would come here again.
  reportStatus(core);
  if (!state.closing) handBackUnstarted(core);
}

export function endDiskPause(core: Core): void {
  if (!core.state.pausedFor.delete("disk")) return;
  log(core, "info", "The spill disk is no longer in the way");
}
