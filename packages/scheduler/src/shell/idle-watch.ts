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
  let sinceMs = performance.now();
  const look = () => {
    const now = activity();
    if (now !== seen || hasWork()) {
      seen = now;
      sinceMs = performance.now();
    } else if (performance.now() - sinceMs >= idleTimeoutMs) {
      clearInterval(timer);
      onIdle();
    }
  };
  const everyMs = Math.min(idleTimeoutMs / 4, shellLimits.idleLookMaxMs);
  const timer = setInterval(look, everyMs);
  return () => clearInterval(timer);
}
