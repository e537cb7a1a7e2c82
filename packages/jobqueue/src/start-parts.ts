// Brings up what a cluster of jobs is made of: options, a directory with credentials, a scheduler
// that nodes can reach, the script, the watchdog. Submits nothing.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Security } from "@acme/comm";
import { loadConfig } from "@acme/config";
import {
  type Certificates,
  clustersFolder,
  createPassingCluster,
  type PassingCluster,
  writeContactFile,
} from "@acme/credentials";
import { hostScheduler, type SchedulerServer } from "@acme/scheduler/host";
import type { JobQueueOptions } from "./cluster-options.js";
import type { BatchDriver, BatchSystem } from "./drivers/driver.js";
import { drivers } from "./drivers/drivers.js";
import { resolveJob } from "./options/resolve-job.js";
import type { ResolvedJob } from "./options/resolved-job.js";
import { schedulerHost } from "./scheduler-place.js";
import { Commands } from "./shell/commands.js";
import { localDriver } from "./shell/local-driver.js";
import { packageVersion } from "./version.js";
import { workerCommand } from "./worker-command.js";

/** All that has to be there before a cluster can be. */
export interface ClusterParts {
  readonly driver: BatchDriver;
  readonly job: ResolvedJob;
  readonly script: string;
  /** Marks its jobs. */
  readonly tag: string;
  readonly commands: Commands;
  readonly scheduler: SchedulerServer;
  readonly directory: PassingCluster;
  readonly security: Security | undefined;
  /** Folder of logs that goes with the cluster; null: the user's own, or none. */
  readonly ownLogs: string | null;
  readonly options: JobQueueOptions;
}

/** @throws JobOptionError, SchedulerStartError, InterfaceError, CredentialsError */
export async function startParts(
  system: BatchSystem,
  options: JobQueueOptions,
): Promise<ClusterParts> {
  const commands = new Commands();
  const driver = await localDriver(drivers[system], commands);
  const certificates = typeof options.security === "object" ? options.security : undefined;
  const directory = createPassingCluster("jobqueue", {
    certificates: certificates as Certificates | undefined,
  });
  const security = options.security === false ? undefined : directory.security;
  try {
    const { job, ownLogs } = jobOf(system, options, directory);
    const host = await schedulerHost(options, driver, commands);
    const scheduler = await startScheduler(host, options, directory);
    const tag = `acme:${directory.name}`;
    const script = driver.script(job, {
      tag,
      workerCommand: workerCommand(job, {
        entry: createRequire(import.meta.url).resolve("@acme/worker/cli"),
        clusterFolder: directory.folder,
        slotExpression: driver.slotExpression,
      }),
    });
    return { driver, job, script, tag, commands, scheduler, directory, security, ownLogs, options };
  } catch (error) {
    directory.remove();
    throw error;
  }
}

function jobOf(system: BatchSystem, options: JobQueueOptions, { name }: PassingCluster) {
  const defaultLogs = join(clustersFolder(), "..", "logs", name);
  const job = resolveJob(jobOptionsOf(options), {
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

async function startScheduler(
  host: string,
  { schedulerPort = 0, logLevel = "warn", security: asked }: JobQueueOptions,
  { security, files, folder, token }: PassingCluster,
): Promise<SchedulerServer> {
  const isPlain = asked === false;
  const place = `${host.includes(":") ? `[${host}]` : host}:${schedulerPort}`;
  const scheduler = await hostScheduler({
    listen: [`${isPlain ? "tcp" : "tls"}://${place}`],
    security: isPlain ? undefined : security,
    httpAddress: "127.0.0.1:0",
    httpToken: token,
    logLevel,
  });
  const { id, address, addresses, httpPort } = scheduler;
  const source = { id, address, addresses, httpPort, version: packageVersion, folder };
  try {
    // How workers find it.
    writeContactFile(files.contact, source);
    return scheduler;
  } catch (error) {
    await scheduler.close("the cluster of jobs could not start");
    throw error;
  }
}

function jobOptionsOf(options: JobQueueOptions) {
  const {
    nWorkers: _n,
    host: _h,
    schedulerInterface: _i,
    schedulerPort: _p,
    security: _s,
    startTimeoutMs: _t,
    drainTimeoutMs: _d,
    logLevel: _l,
    ...job
  } = options;
  return job;
}
