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

/** @throws JobOptionError, JobClusterError, SchedulerStartError, InterfaceError, CredentialsError */
export async function startParts(
  system: BatchSystem,
  options: JobQueueOptions,
): Promise<ClusterParts> {
  const driver = drivers[system];
  const commands = new Commands();
  const { security: asked = true } = options;
  const certificates = typeof asked === "object" ? (asked as Certificates) : undefined;
  const directory = createPassingCluster("jobqueue", { certificates });
  try {
    const defaultLogs = join(clustersFolder(), "..", "logs", directory.name);
    const job = resolveJob(jobOptionsOf(options), {
      system,
      config: loadConfig(),
      nodePath: process.execPath,
      logDirectory: defaultLogs,
    });
    const ownLogs = job.logDirectory === defaultLogs ? defaultLogs : null;
    // The batch system does not make it, and would let the jobs fail.
    if (job.logDirectory !== null && !job.logDirectory.includes("$")) {
      mkdirSync(job.logDirectory, { recursive: true, mode: 0o700 });
    }
    const security = asked === false ? undefined : directory.security;
    const host = await schedulerHost(options, driver, commands);
    const scheduler = await hostScheduler({
      listen: [listenAddress(host, options.schedulerPort ?? 0, security)],
      security,
      logLevel: "warn",
    });
    announce(scheduler, directory);
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

function listenAddress(host: string, port: number, security: Security | undefined): string {
  const scheme = security === undefined ? "tcp" : "tls";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** How workers find it. */
function announce(scheduler: SchedulerServer, { files, folder }: PassingCluster): void {
  const { id, address, addresses, httpPort } = scheduler;
  const source = { id, address, addresses, httpPort, version: packageVersion, folder };
  writeContactFile(files.contact, source);
}
