// The process of a runner that becomes the scheduler: it lives until the client says that all is
// over, or is gone. Must not know what the client computes.
import type { Security } from "@acme/comm";
import {
  createPassingCluster,
  type PassingCluster,
  removeContactFile,
  writeContactFile,
} from "@acme/credentials";
import { hostScheduler, type SchedulerServer } from "@acme/scheduler/host";
import { drivers } from "../drivers/drivers.js";
import { schedulerHost } from "../scheduler-place.js";
import { Commands } from "../shell/commands.js";
import { packageVersion } from "../version.js";
import { type RunnerOptions, runnerDefaults } from "./runner-options.js";
import { identityOf, type RunnerWorld } from "./world.js";
import { WorldWatch } from "./world-watch.js";

export interface SchedulerRole {
  readonly world: RunnerWorld;
  readonly options: RunnerOptions;
  /** Where the others look. */
  readonly path: string;
  /** Whether there is to be a client that says when all is over. */
  readonly hasClient: boolean;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** @returns the exit code */
export async function beScheduler(role: SchedulerRole): Promise<number> {
  const directory = createPassingCluster("scheduler");
  try {
    const scheduler = await start(role, directory);
    try {
      return await untilOver(scheduler, role, directory.security);
    } finally {
      removeContactFile(role.path, scheduler);
      await scheduler.close("the runner has ended");
    }
  } finally {
    directory.remove();
  }
}

async function start(role: SchedulerRole, directory: PassingCluster): Promise<SchedulerServer> {
  const { options, path, world } = role;
  const { security, token, folder, files } = directory;
  const host = await schedulerHost(options, drivers.slurm, new Commands());
  const scheduler = await hostScheduler({
    listen: [`tls://${host.includes(":") ? `[${host}]` : host}:0`],
    security,
    httpAddress: "127.0.0.1:0",
    httpToken: token,
    logLevel: options.logLevel ?? "warn",
  });
  const { id, address, addresses, httpPort } = scheduler;
  const about = { id, address, addresses, httpPort, version: packageVersion, folder };
  try {
    // Its own directory first: whoever finds the other file may look there at once.
    for (const file of [files.contact, path]) {
      writeContactFile(file, { ...about, ...identityOf(world) });
    }
    return scheduler;
  } catch (error) {
    await scheduler.close("the runner could not start");
    throw error;
  }
}

async function untilOver(
  scheduler: SchedulerServer,
  role: SchedulerRole,
  security: Security,
): Promise<number> {
  const { signal, hasClient, say, options, world } = role;
  const asked = new Promise<"asked">((resolve) => {
    signal.addEventListener("abort", () => resolve("asked"), { once: true });
    if (signal.aborted) resolve("asked");
  });
  const { timeoutMs = runnerDefaults.timeoutMs } = options;
  const watch = new WorldWatch(scheduler, security, { nWorkers: world.nWorkers, timeoutMs });
  try {
    const ends = [scheduler.ended, asked, ...(hasClient ? [watch.over()] : [])];
    const end = await Promise.race(ends);
    if (end === "asked") return hasClient ? 143 : 0;
    if (end === "over") return 0;
    if (end !== "client gone") return end.error === undefined ? 0 : 1;
    say("the process of the client is gone: ending all");
    return 1;
  } finally {
    watch.stop();
  }
}
