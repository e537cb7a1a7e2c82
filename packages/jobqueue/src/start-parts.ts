// Brings up what a cluster of jobs is made of: options, a directory with credentials, a watchdog, a
// scheduler that nodes can reach, the script. Submits no workers.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Security } from "@acme/comm";
import { loadConfig } from "@acme/config";
import { clustersFolder } from "@acme/credentials";
import type { JobQueueOptions } from "./cluster-options.js";
import type { ClusterParts } from "./cluster-parts.js";
import type { BatchDriver, BatchSystem } from "./drivers/driver.js";
import { drivers } from "./drivers/drivers.js";
import type { JobOptions } from "./options/job-options.js";
import { resolveJob } from "./options/resolve-job.js";
import type { ResolvedJob } from "./options/resolved-job.js";
import { pythonCommand } from "./python-command.js";
import { type OwnDirectory, ownDirectory } from "./scheduler/cluster-folder.js";
import { accessTo, type Elsewhere, schedulerElsewhere } from "./scheduler/elsewhere.js";
import { foreignCluster } from "./scheduler/foreign-cluster.js";
import type { HeldScheduler } from "./scheduler/held-scheduler.js";
import { schedulerInJob } from "./scheduler/in-job.js";
import { schedulerInProcess } from "./scheduler/in-process.js";
import {
  forScheduler,
  schedulerCommand,
  schedulerJobOptions,
} from "./scheduler/scheduler-command.js";
import type { SchedulerInJob } from "./scheduler/scheduler-option.js";
import { schedulerHost } from "./scheduler-place.js";
import { Commands } from "./shell/commands.js";
import { localDriver } from "./shell/local-driver.js";
import { Watchdog } from "./shell/watchdog.js";
import { workerCommand } from "./worker-command.js";

const require = createRequire(import.meta.url);
const defaultStartMs = 120_000;

/**
 * @throws JobOptionError, SchedulerStartError, SchedulerJobError, SchedulerAwayError, SubmitError,
 *   InterfaceError, CredentialsError
 */
export async function startParts(
  system: BatchSystem,
  options: JobQueueOptions,
): Promise<ClusterParts> {
  const place = options.scheduler ?? { in: "process" };
  if (!("in" in place)) return partsElsewhere(system, options, place);
  const commands = new Commands();
  const driver = await localDriver(drivers[system], commands);
  const directory = ownDirectory(system, options);
  const security = options.security === false ? undefined : directory.security;
  const lasts = place.in === "job";
  const tag = `acme:${directory.name}`;
  const base = { driver, commands, directory, security, tag };
  let watchdog: Watchdog | undefined;
  try {
    const { job, ownLogs } = jobOf(system, options, directory.name);
    watchdog = new Watchdog({ system, tag, folder: lasts ? directory.folder : null });
    const making = { ...base, watchdog, options };
    const scheduler = await (place.in === "job" ? inJob(system, making, place) : inProcess(making));
    const script = scriptOf(base.driver, job, { tag, folder: directory.folder, address: null });
    return { ...making, job, ownLogs, scheduler, script, adopted: null };
  } catch (error) {
    // What was submitted so far is cancelled.
    watchdog?.takeOver();
    directory.remove();
    throw error;
  }
}

interface Making {
  readonly driver: BatchDriver;
  readonly commands: Commands;
  readonly directory: OwnDirectory;
  readonly security: Security | undefined;
  readonly tag: string;
  readonly watchdog: Watchdog;
  readonly options: JobQueueOptions;
}

async function inProcess({ options, driver, commands, directory }: Making): Promise<HeldScheduler> {
  return schedulerInProcess(await schedulerHost(options, driver, commands), options, directory);
}

async function inJob(system: BatchSystem, making: Making, place: SchedulerInJob) {
  const { options, driver, commands, directory, tag } = making;
  const asked = schedulerJobOptions(jobOptionsOf(options), place);
  const job = forScheduler(jobFrom(system, asked, directory.name).job, place);
  const towards = await schedulerHost(options, driver, commands);
  const entry = require.resolve("@acme/scheduler/cli");
  const where = { entry, clusterFolder: directory.folder, towards, driver };
  const workerCommand = schedulerCommand(job, where, options);
  const script = driver.script(job, { tag, workerCommand });
  const startMs = options.startTimeoutMs ?? defaultStartMs;
  const onWaiting = (text: string) => {
    if (options.logLevel === "info") process.stderr.write(`${text}\n`);
  };
  return schedulerInJob({ ...making, job, script, startMs, onWaiting });
}

async function partsElsewhere(
  system: BatchSystem,
  options: JobQueueOptions,
  place: Elsewhere,
): Promise<ClusterParts> {
  const access = accessTo(place);
  const commands = new Commands();
  const driver = await localDriver(drivers[system], commands);
  const { directory, tag } = foreignCluster(access);
  const scheduler = await schedulerElsewhere(access);
  try {
    const { job, ownLogs } = jobOf(system, options, directory.name);
    const script = scriptOf(driver, job, { tag, ...directory, address: scheduler.address });
    const watchdog = new Watchdog({ system, tag, folder: null });
    const { security } = access;
    const rest = { watchdog, options, job, ownLogs, scheduler, script, adopted: null };
    return { driver, commands, directory, security, tag, ...rest };
  } catch (error) {
    await scheduler.release();
    throw error;
  }
}

interface ScriptPlace {
  readonly tag: string;
  readonly folder: string | null;
  readonly address: string | null;
}

function scriptOf(driver: BatchDriver, job: ResolvedJob, { tag, folder, address }: ScriptPlace) {
  const { slotExpression } = driver;
  const entry = require.resolve("@acme/worker/cli");
  const place = { entry, clusterFolder: folder, address, slotExpression };
  const python = pythonCommand(job, place);
  const withPython = python === undefined ? job : { ...job, prologue: [...job.prologue, python] };
  return driver.script(withPython, { tag, workerCommand: workerCommand(job, place) });
}

function jobOf(system: BatchSystem, options: JobQueueOptions, name: string) {
  return jobFrom(system, jobOptionsOf(options), name);
}

function jobFrom(system: BatchSystem, options: JobOptions, name: string) {
  const defaultLogs = join(clustersFolder(), "..", "logs", name);
  const job = resolveJob(options, {
    system,
    config: loadConfig(),
    nodePath: process.execPath,
    logDirectory: defaultLogs,
  });
  // The batch system does not make it, and would let the jobs fail.
  if (job.logDirectory !== null && !job.logDirectory.includes("$")) {
    mkdirSync(job.logDirectory, { recursive: true, mode: 0o700 });
  }
  return { job, ownLogs: job.logDirectory === defaultLogs ? defaultLogs : null };
}

function jobOptionsOf(options: JobQueueOptions): JobOptions {
  const {
    nWorkers: _n,
    host: _h,
    schedulerInterface: _i,
    schedulerPort: _p,
    scheduler: _w,
    security: _s,
    startTimeoutMs: _t,
    drainTimeoutMs: _d,
    logLevel: _l,
    ...job
  } = options;
  return job;
}
