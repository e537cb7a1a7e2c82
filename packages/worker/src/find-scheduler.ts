// From the command line to the address of a scheduler. A contact file that is not there yet is
// waited for, because batch systems may start workers before their scheduler.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "./cli-flags.js";
import { shellLimits } from "./shell/limits.js";
import { SchedulerLostError } from "./shell/scheduler-link.js";

export interface SchedulerFlags {
  address: string | undefined;
  schedulerFile: string | undefined;
  /** For addresses without a scheme. */
  defaultProtocol: string;
  deathTimeoutMs: number | null;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** @throws UsageError, SchedulerLostError after the death timeout, AbortError */
export async function findScheduler(flags: SchedulerFlags): Promise<string> {
  const { address, schedulerFile, defaultProtocol } = flags;
  if (address !== undefined) {
    return address.includes("://") ? address : `${defaultProtocol}://${address}`;
  }
  if (schedulerFile === undefined) {
    throw new UsageError("Give the address of a scheduler, or --scheduler-file");
  }
  return waitForFile(schedulerFile, flags);
}

async function waitForFile(path: string, flags: SchedulerFlags): Promise<string> {
  const { deathTimeoutMs, signal, say } = flags;
  const startedMs = performance.now();
  for (let looks = 0; ; looks++) {
    const found = await addressIn(path);
    if (found !== null) return found;
    if (looks === 0) say(`waiting for the contact file ${path}`);
    if (performance.now() - startedMs >= (deathTimeoutMs ?? Number.POSITIVE_INFINITY)) {
      throw new SchedulerLostError(`No contact file at ${path}: is the scheduler running?`);
    }
    await sleep(shellLimits.contactFilePollMs, undefined, { signal });
  }
}

/** Null while there is none; a file that is something else will not become one. */
async function addressIn(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new UsageError(`--scheduler-file: ${(error as Error).message}`, { cause: error });
  }
  // dask's scheduler writes in place, so a reader may come too early.
  if (text.trim() === "") return null;
  try {
    const { address } = JSON.parse(text) as { address?: unknown };
    if (typeof address === "string") return address;
  } catch (cause) {
    throw new UsageError(`--scheduler-file: ${path} is no JSON; is it a scheduler's file?`, {
      cause,
    });
  }
  throw new UsageError(`--scheduler-file: ${path} names no address; is it a scheduler's file?`);
}
