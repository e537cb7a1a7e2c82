// The parts of a cluster that another process has left: its scheduler is found again, and its jobs
// are those that the queue knows by its tag, or that have workers. Submits nothing.
import { type ClusterDirectory, openClusterDirectory } from "@acme/credentials";
import type { Adopted, ClusterParts } from "./cluster-parts.js";
import { slotName } from "./core/index.js";
import type { BatchDriver, BatchSystem, JobRef } from "./drivers/driver.js";
import { drivers } from "./drivers/drivers.js";
import { DetachError } from "./errors.js";
import { owned } from "./scheduler/cluster-folder.js";
import {
  type ClusterContact,
  markerIn,
  markerOf,
  type SavedCluster,
  takeCluster,
} from "./scheduler/detached-file.js";
import { schedulerElsewhere } from "./scheduler/elsewhere.js";
import { schedulerOfJob } from "./scheduler/in-job.js";
import { Commands } from "./shell/commands.js";
import { localDriver } from "./shell/local-driver.js";
import { QueuePoll } from "./shell/queue-poll.js";
import { Watchdog } from "./shell/watchdog.js";

/** @throws DetachError, SchedulerJobError, SchedulerAwayError, and what is wrong with credentials */
export async function attachParts(
  system: BatchSystem,
  contact: ClusterContact | string,
): Promise<ClusterParts> {
  const directory = openClusterDirectory(typeof contact === "string" ? contact : contact.folder);
  const marker = typeof contact === "string" ? markerIn(directory.folder) : markerOf(contact);
  const taken = takeCluster(marker);
  try {
    const parts = await partsOf(system, taken.saved, directory);
    taken.keep();
    return parts;
  } catch (error) {
    taken.putBack();
    throw error;
  }
}

async function partsOf(
  system: BatchSystem,
  saved: SavedCluster,
  directory: ClusterDirectory,
): Promise<ClusterParts> {
  const { contact, job, script, ownLogs, options } = saved;
  const { tag } = contact;
  if (contact.system !== system) {
    throw new DetachError(`The jobs of ${contact.name} are ${contact.system}'s, not ${system}'s`);
  }
  const commands = new Commands();
  const driver = await localDriver(drivers[system], commands);
  const security = saved.isPlain ? undefined : directory.security;
  const base = { driver, commands, directory, security };
  const isOwn = saved.place === "job";
  const scheduler = await (isOwn
    ? schedulerOfJob(base, saved.scheduler as JobRef)
    : schedulerElsewhere({ address: contact.address, security, directory }));
  try {
    const adopted = await jobsOf(saved, driver, commands);
    const folder = isOwn ? directory.folder : null;
    const watchdog = new Watchdog({ system, tag, folder });
    watchdog.submitting();
    watchdog.submitted([...adopted.refs, ...(scheduler.ref === null ? [] : [scheduler.ref])]);
    const place = isOwn ? owned(directory) : { ...directory, remove: () => {} };
    const rest = { job, script, tag, watchdog, scheduler, ownLogs, options, adopted };
    return { ...base, directory: place, ...rest };
  } catch (error) {
    await scheduler.release();
    throw error;
  }
}

/** What lives of the cluster's jobs, but for the scheduler's. */
async function jobsOf(
  { contact, refs, scheduler, wantedJobs }: SavedCluster,
  driver: BatchDriver,
  commands: Commands,
): Promise<Adopted> {
  const known = new Set(refs.map(slotName));
  const own = scheduler === null ? "" : slotName(scheduler);
  const statuses = await new QueuePoll(driver, commands).ask(refs);
  const ours = statuses.filter(({ ref, comment, state }) => {
    const name = slotName(ref);
    const isOurs = comment === contact.tag || known.has(name);
    return isOurs && name !== own && state !== "ended";
  });
  return { wantedJobs, refs: ours.map(({ ref }) => ref) };
}
