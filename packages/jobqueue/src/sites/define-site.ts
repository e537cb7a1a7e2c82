// The functions that users call: one for every SLURM, two for the sites we know, and the way to make
// one for another site. Must hold no decisions.
import type { Client } from "@acme/client";
import { JobOptionError } from "../errors.js";
import { bicSite, esiSite } from "./known-sites.js";
import { setUpSite } from "./setup.js";
import type { SetupOptions } from "./setup-options.js";
import { plainSite, type Site } from "./site.js";

/** Starts workers at one site. */
export interface ClusterSetup {
  (nWorkers: number, partition: string, options?: SetupOptions): Promise<Client>;
  (options?: SetupOptions): Promise<Client>;
}

/**
 * Makes the setup function of an institution from what is particular about its SLURM.
 *
 * The function starts workers as jobs, shows on standard error how many are there and why the others
 * are not, and returns a client, which becomes the current one. Closing the client ends the jobs.
 * It throws JobOptionError for options that make no sense and partitions that do not exist;
 * SubmitError with what sbatch said; WorkersNotStartedError with SLURM's reason when no worker can
 * come, or none came in time; CommandError if SLURM does not answer; JobClusterError if there is
 * none.
 *
 * @example
 * ```ts
 * export const myClusterSetup = defineSite({
 *   name: "myClusterSetup",
 *   excludedPartitions: ["test"],
 *   logDirectory: "/scratch/logs/{user}/{stamp}",
 *   options: { account: "my-group", walltime: "04:00:00" },
 * });
 * const client = await myClusterSetup(10, "short");
 * ```
 */
export function defineSite(site: Site): ClusterSetup {
  return async (first?: number | SetupOptions, partition?: string, options?: SetupOptions) => {
    if (typeof first !== "number") return setUpSite(first ?? {}, site);
    if (typeof partition !== "string") {
      throw new JobOptionError("partition", `say where, as in ${site.name}(10, "8GBXS")`);
    }
    return setUpSite({ ...options, nWorkers: first, partition }, site);
  };
}

/**
 * Starts workers on any SLURM; works without accounting and without default limits.
 *
 * @example
 * ```ts
 * const client = await slurmClusterSetup({ nWorkers: 10, partition: "short" });
 * ```
 */
export const slurmClusterSetup: ClusterSetup = defineSite(plainSite);

/**
 * Starts workers at the Ernst Strüngmann Institute.
 *
 * @example
 * ```ts
 * const client = await esiClusterSetup(10, "8GBXS");
 * ```
 */
export const esiClusterSetup: ClusterSetup = defineSite(esiSite);

/**
 * Starts workers at the Cooperative Brain Imaging Center.
 *
 * @example
 * ```ts
 * const client = await bicClusterSetup(10, "8GBSx86");
 * ```
 */
export const bicClusterSetup: ClusterSetup = defineSite(bicSite);
