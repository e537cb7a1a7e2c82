// Ends a scheduler that nobody uses: dask's --idle-timeout. Looks a few times per timeout, so that
// it ends soon after the time is up and never before.
import { shellLimits } from "./limits.js";

export interface IdleWatchOptions {
  idleTimeoutMs: number;
  /** A number that differs whenever something happened in between. */
  activity: () => number;
  /** Tasks are waiting or running: quiet, but not idle. */
  hasWork: () => boolean;
  onIdle: () => void;
}

/** @returns how to stop watching */
export function watchIdleness(options: IdleWatchOptions): () => void {
  const { idleTimeoutMs, activity, hasWork, onIdle } = options;
  let seen = activity();
  /** When it was first seen to be quiet; when exactly work ended between two looks is unknown. */
  let sinceMs: number | null = null;
  const look = () => {
    const nowMs = performance.now();
    const quiet = activity() === seen && !hasWork();
    seen = activity();
    sinceMs = quiet ? (sinceMs ?? nowMs) : null;
    if (sinceMs === null || nowMs - sinceMs < idleTimeoutMs) return;
    clearInterval(timer);
    onIdle();
  };
  const everyMs = Math.min(idleTimeoutMs / 4, shellLimits.idleLookMaxMs);
  const timer = setInterval(look, everyMs);
  return () => clearInterval(timer);
}
