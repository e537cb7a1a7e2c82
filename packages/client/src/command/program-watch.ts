// Sees to it that a running program ends when it should: when its call is cancelled, when its time
// is over, and with all that it has started.
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { programLimits } from "./command-limits.js";
import { endGroup, guardGroup, isGroupThere, signalGroup } from "./process-group.js";

/** What this needs of a program that runs; it resolves when its streams are closed. */
export interface RunningProgram extends PromiseLike<unknown> {
  /** Undefined if it could not be started. */
  readonly pid?: number | undefined;
  readonly stdout: Readable | null;
  readonly stderr: Readable;
  once(event: "exit", listener: () => void): unknown;
}

export interface ProgramWatch {
  readonly program: RunningProgram;
  readonly isTimeUp: boolean;
  /** After the program has ended: nothing of it is left when this resolves. */
  end(): Promise<void>;
}

export function watchProgram(
  start: () => RunningProgram,
  rules: { readonly timeLimitMs: number | null; readonly signal: AbortSignal | undefined },
): ProgramWatch {
  const guard = guardGroup();
  const program = start();
  const { pid } = program;
  if (pid === undefined) return { program, isTimeUp: false, end: async () => guard.release() };
  guard.watch(pid);
  const { timeLimitMs, signal } = rules;
  const { cancelGraceMs, timeLimitGraceMs, leftoverMs } = programLimits;
  const timers: NodeJS.Timeout[] = [];
  let isTimeUp = false;
  let isKilled = false;
  const cancel = () => void endGroup(pid, cancelGraceMs);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  const timeUp = () => {
    isTimeUp = true;
    void endGroup(pid, timeLimitGraceMs);
  };
  if (timeLimitMs !== null) timers.push(setTimeout(timeUp, timeLimitMs));
  program.once("exit", () => {
    // Somebody else has our end of its streams, and may have it for ever.
    const letGo = () => {
      isKilled = true;
      signalGroup(pid, "SIGKILL");
      // A daemon is in a group of its own.
      program.stdout?.destroy();
      program.stderr.destroy();
    };
    timers.push(setTimeout(letGo, leftoverMs));
  });
  return {
    program,
    get isTimeUp() {
      return isTimeUp;
    },
    async end() {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      if (!isKilled && !signal?.aborted) await leftoversEnd(pid);
      signalGroup(pid, "SIGKILL");
      guard.release();
    },
  };
}

/** Helpers such as `tee` end by themselves, a moment later. */
async function leftoversEnd(pid: number): Promise<void> {
  const untilMs = performance.now() + programLimits.leftoverMs;
  for (let waitMs = 1; isGroupThere(pid) && performance.now() < untilMs; waitMs *= 2) {
    await delay(waitMs);
  }
}
