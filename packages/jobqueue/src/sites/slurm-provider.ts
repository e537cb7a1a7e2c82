// The cluster that a map gets by itself where there is SLURM: registered when this package is
// imported, asked when somebody computes without a client. How workers are started is not known here.
import { accessSync, constants } from "node:fs";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import type { ClusterProvider, ProvideOptions } from "@acme/client";
import { CommandError, JobClusterError } from "../errors.js";
import { Commands } from "../shell/commands.js";
import { shellLimits } from "../shell/limits.js";
import { knownSites } from "./known-sites.js";
import { startWorkers } from "./setup.js";
import { readSetup, type SetupOptions } from "./setup-options.js";
import { plainSite, type Site } from "./site.js";
import { StatusLine } from "./status-line.js";

/** More workers than that are not asked for unless somebody says so. */
const mostUnasked = 100;

export const slurmProvider: ClusterProvider = {
  name: "slurm",
  title: "SLURM jobs",

  async isAvailable({ isQuiet = false }: ProvideOptions): Promise<boolean> {
    if (!isOnPath("sinfo")) return false;
    try {
      const argv = ["sinfo", "--noheader", "--format=%P"];
      await new Commands().run({ argv }, shellLimits.isThereMs);
      return true;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const [why] = error.message.split("\n");
      const line = lineFor("acme", isQuiet);
      line.say(`SLURM's commands are here, but it does not answer (${why}): using this machine`);
      return false;
    }
  },

  async start({ isQuiet = false, signal, ...wish }: ProvideOptions) {
    const site = siteOf(hostname());
    const isOpen = wish.partition === "auto" && wish.memPerWorker === undefined;
    const memoryEstimate = isOpen ? await wish.estimateMemory?.() : undefined;
    const setup = readSetup({ ...setupFor(wish), memoryEstimate }, site);
    const line = lineFor(site.name, isQuiet);
    // A map that nobody waits for has time: its jobs stay in the queue.
    const waitsOn = wish.setupTimeout === undefined;
    const cluster = await startWorkers({ setup, site, line, signal, waitsOn });
    if (cluster !== null) return cluster;
    throw new JobClusterError("SLURM's commands have disappeared from this machine");
  },
};

/** As if the map had called the site's own setup function. */
export function setupFor(wish: ProvideOptions): SetupOptions {
  const { workers, calls, partition, memPerWorker, setupTimeout: timeout, interactive } = wish;
  const unasked = calls === undefined ? undefined : Math.max(1, Math.min(calls, mostUnasked));
  return { nWorkers: workers ?? unasked, partition, memPerWorker, timeout, interactive };
}

/** The site whose machines are called so; else a plain one. */
export function siteOf(host: string): Site {
  return knownSites.find(({ hostNames }) => hostNames?.test(host)) ?? plainSite;
}

const lineFor = (name: string, isQuiet: boolean): StatusLine =>
  new StatusLine(name, isQuiet ? { write: () => true } : process.stderr);

/** Without starting anything: most machines have no SLURM, and a map should begin at once there. */
function isOnPath(command: string): boolean {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, command)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
