// A scheduler in a job of its own: submitted first, found through the contact file that it writes
// into the cluster's directory. A file of another job, or of an earlier life of this one, is not
// trusted, and neither is one whose scheduler does not answer.
import { setTimeout as sleep } from "node:timers/promises";
import type { Security } from "@acme/comm";
import type { ClusterDirectory, Contact } from "@acme/credentials";
import { slotName } from "../core/index.js";
import type { BatchDriver, JobRef, JobStatus } from "../drivers/driver.js";
import { SchedulerJobError, SubmitError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { Commands } from "../shell/commands.js";
import { shellLimits } from "../shell/limits.js";
import { readTail } from "../shell/log-tail.js";
import { QueuePoll } from "../shell/queue-poll.js";
import type { Watchdog } from "../shell/watchdog.js";
import type { HeldScheduler } from "./held-scheduler.js";
import { SchedulerWatch } from "./scheduler-watch.js";

export interface SchedulerJobParts {
  readonly driver: BatchDriver;
  readonly commands: Commands;
  readonly watchdog: Watchdog;
  readonly job: ResolvedJob;
  readonly script: string;
  readonly directory: ClusterDirectory;
  readonly security: Security | undefined;
  readonly startMs: number;
  readonly onWaiting: (text: string) => void;
}

/** Resolves when it answers. @throws SubmitError, SchedulerJobError */
export async function schedulerInJob(parts: SchedulerJobParts): Promise<HeldScheduler> {
  const ref = await submit(parts);
  const watch = await untilThere(parts, ref);
  return hold(parts, ref, watch);
}

/** One that runs already. @throws SchedulerJobError */
export async function schedulerOfJob(
  parts: Pick<SchedulerJobParts, "driver" | "commands" | "directory" | "security">,
  ref: JobRef,
): Promise<HeldScheduler> {
  const watch = await trusted(parts.directory.contact(), ref, null, parts.security);
  if (watch !== null) return hold(parts, ref, watch);
  throw new SchedulerJobError(
    `The scheduler in job ${slotName(ref)} does not answer: has it ended?`,
  );
}

async function submit({
  driver,
  commands,
  watchdog,
  job,
  script,
}: SchedulerJobParts): Promise<JobRef> {
  watchdog.submitting();
  let refs: JobRef[] = [];
  try {
    refs = driver.parseSubmit(await commands.run(driver.submit(script, 1, job)), 1);
  } catch (error) {
    throw new SubmitError((error as Error).message, script, error);
  } finally {
    watchdog.submitted(refs);
  }
  return refs[0] as JobRef;
}

async function untilThere(parts: SchedulerJobParts, ref: JobRef): Promise<SchedulerWatch> {
  const { directory, security, startMs, onWaiting } = parts;
  const poll = new QueuePoll(parts.driver, parts.commands);
  let status: JobStatus | null = null;
  let runsSinceMs = Number.POSITIVE_INFINITY;
  for (let looks = 0; ; looks++) {
    const watch = await trusted(contactIn(directory), ref, status, security);
    if (watch !== null) return watch;
    if (looks % shellLimits.schedulerPollLooks === shellLimits.schedulerFirstPoll) {
      const now: JobStatus | null = await ask(poll, ref, status);
      if (now !== null && now.reason !== status?.reason) onWaiting(waitingText(now));
      status = now;
      await refuseHopeless(parts, ref, status);
      if (status?.state !== "running") runsSinceMs = Number.POSITIVE_INFINITY;
      else runsSinceMs = Math.min(runsSinceMs, performance.now());
    }
    if (performance.now() - runsSinceMs > startMs) {
      throw await failed(parts, ref, `it runs, but did not answer within ${startMs / 1000} s`);
    }
    await sleep(shellLimits.schedulerFileMs);
  }
}

/** A controller that does not answer says nothing about the job. */
async function ask(
  poll: QueuePoll,
  ref: JobRef,
  last: JobStatus | null,
): Promise<JobStatus | null> {
  const name = slotName(ref);
  const statuses = await poll.ask([ref]).catch(() => null);
  if (statuses === null) return last;
  return statuses.find((status) => slotName(status.ref) === name) ?? null;
}

async function refuseHopeless(parts: SchedulerJobParts, ref: JobRef, status: JobStatus | null) {
  if (status?.isHopeless) {
    throw await failed(parts, ref, `it can never run: the queue says ${status.reason}`);
  }
  if (status?.state === "ended") {
    throw await failed(parts, ref, `it ended: ${status.outcome} ${status.reason}`.trim());
  }
}

async function failed({ driver, job }: SchedulerJobParts, ref: JobRef, why: string) {
  const tail = await readTail(driver.logFile(job, ref), shellLimits.tailBytes);
  const said = tail === "" ? "" : `\n${tail}`;
  return new SchedulerJobError(
    `The scheduler did not start in job ${slotName(ref)}: ${why}${said}`,
  );
}

const waitingText = ({ word, reason }: JobStatus): string =>
  `the scheduler's job is ${word}${reason === "" ? "" : ` (${reason})`}`;

function contactIn(directory: ClusterDirectory): Contact | null {
  try {
    return directory.contact();
  } catch {
    // A shared file system may show a file before all that is in it.
    return null;
  }
}

async function trusted(
  contact: Contact | null,
  ref: JobRef,
  status: JobStatus | null,
  security: Security | undefined,
): Promise<SchedulerWatch | null> {
  if (contact === null || !isOf(contact, ref, status)) return null;
  const watch = new SchedulerWatch(contact.address, security);
  if (await watch.answers()) return watch;
  await watch.stop();
  return null;
}

/** @param status - what the queue says of the job; null: nothing yet */
export function isOf(contact: Contact, ref: JobRef, status: JobStatus | null): boolean {
  if (contact.jobId !== slotName(ref)) return false;
  return status === null || contact.restarts >= status.restarts;
}

function hold(
  { driver, commands, directory }: Pick<SchedulerJobParts, "driver" | "commands" | "directory">,
  ref: JobRef,
  watch: SchedulerWatch,
): HeldScheduler {
  watch.start();
  return {
    place: "job",
    address: (directory.contact() as Contact).address,
    httpPort: null,
    ref,
    ended: watch.ended,
    release: () => watch.stop(),
    async close() {
      await watch.terminate();
      await watch.stop();
      await leaveQueue(driver, commands, ref);
    },
  };
}

async function leaveQueue(driver: BatchDriver, commands: Commands, ref: JobRef): Promise<void> {
  for (const command of driver.cancel([ref])) await commands.run(command);
  const poll = new QueuePoll(driver, commands);
  const untilMs = performance.now() + shellLimits.closeMs;
  while (performance.now() < untilMs) {
    const status = await ask(poll, ref, null);
    if (status === null || status.state === "ended") return;
    await sleep(shellLimits.schedulerPollMs);
  }
  throw new SchedulerJobError(`Job ${slotName(ref)} with the scheduler is still in the queue`);
}
