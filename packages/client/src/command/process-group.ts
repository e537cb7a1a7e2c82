// A program with all that it starts: a process group of its own, which is ended as a whole, and
// which a guard ends if the thread or process that watches over it is gone without a word.
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Holds the other end of our pipe, which closes however we end, and knows nothing but the group.
 * The text is fixed: no word of a user gets near it.
 */
const guardProgram =
  'read -r group && [ "$group" != done ] || exit 0; read -r done && exit 0; kill -s KILL -- "-$group" 2>/dev/null';

/** Ends a group once this thread or process is gone. */
export interface GroupGuard {
  watch(pid: number): void;
  /** Nothing is to be ended any more. */
  release(): void;
}

/** Made before the program is started, so that there is hardly a moment without it. */
export function guardGroup(): GroupGuard {
  const guard = spawn("/bin/sh", ["-c", guardProgram], {
    detached: true,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a guard the program runs all the same.
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  guard.unref();
  return {
    watch: (pid) => void guard.stdin.write(`${pid}\n`),
    release: () => void guard.stdin.end("done\n"),
  };
}

/** Signals all of the group `pid`; one that is gone is no error. */
export function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** SIGTERM, and SIGKILL for those that do not heed it in time. */
export async function endGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  const stepMs = Math.min(20, graceMs);
  for (let waitedMs = 0; waitedMs < graceMs && isGroupThere(pid); waitedMs += stepMs) {
    await delay(stepMs);
  }
  signalGroup(pid, "SIGKILL");
}

/** Whether anybody is in the group `pid`. */
export function isGroupThere(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
