// How the processes of a runner meet: a file that holds where the scheduler is and of which run it
// is, so that what an earlier run of the same job has left is not believed. Starts nothing.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Contact, readContactFile } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { RunnerTimeoutError } from "../errors.js";
import { runnerDefaults } from "./runner-options.js";
import type { RunIdentity } from "./world.js";

export interface Meeting {
  readonly path: string;
  /** Of which run the file has to be. */
  readonly run: RunIdentity;
  readonly timeoutMs: number;
}

/** @throws RunnerTimeoutError, saying what was there instead */
export async function awaitScheduler({ path, run, timeoutMs }: Meeting): Promise<Contact> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = lookAt(path, run);
    if (typeof found !== "string") return found;
    if (performance.now() >= endMs) {
      throw new RunnerTimeoutError(`No scheduler within ${timeoutMs / 1000} s: ${found}`);
    }
    await sleep(runnerDefaults.lookMs);
  }
}

/** A text says what is not as it has to be. */
function lookAt(path: string, run: RunIdentity): Contact | string {
  try {
    const contact = readContactFile(path);
    const { jobId, restarts } = contact;
    if (jobId !== run.jobId || restarts !== run.restarts) {
      const other = `${jobId ?? "no job"}, started again ${restarts} times`;
      return `${path} is of ${other}, and this is ${run.jobId}, ${run.restarts} times`;
    }
    if (contact.folder === null || existsSync(contact.folder)) return contact;
    return (
      `this machine does not see ${contact.folder}, which holds the certificates: set ACME_HOME ` +
      "to a folder that all nodes share"
    );
  } catch (error) {
    if (!isAcmeError(error, "CONTACT_FILE")) throw error;
    return `${error.message} All processes must see its folder: give another one by schedulerFile`;
  }
}
