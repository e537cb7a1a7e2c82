// What is particular about an institution's SLURM, as data: a page of configuration is all that a
// new site needs. Must not know how clusters are started.
import type { JobQueueOptions } from "../cluster-options.js";

/** An institution's SLURM. What is left out is as on a plain one. */
export interface Site {
  /** Stands before every line that the setup prints. */
  readonly name: string;
  /** Host names of its machines: a map without a client starts its workers as the site does. */
  readonly hostNames?: RegExp | undefined;
  /** Partitions that are not for such work. */
  readonly excludedPartitions?: readonly string[] | undefined;
  /** Finds the gigabytes of a worker in a partition's name, such as `/^(\d+)GB/`. */
  readonly sizeInName?: RegExp | undefined;
  /** What stays free below a limit of memory, such as `"100 MiB"`. */
  readonly memCushion?: string | undefined;
  /** Seconds for the first workers to appear. */
  readonly timeoutS?: number | undefined;
  /** Seconds until a question that nobody answers is taken as answered. */
  readonly interactiveWaitS?: number | undefined;
  /** Workers if none are asked for. */
  readonly nWorkers?: number | undefined;
  /** Memory of a worker if none is asked for; `"auto"`: what the partition has for one. */
  readonly memPerWorker?: string | undefined;
  /** Cores of a worker; null: as many as go with its memory. */
  readonly coresPerWorker?: number | null | undefined;
  /** Take a client that is there already, and this machine where there is no SLURM. */
  readonly isForgiving?: boolean | undefined;
  /**
   * Where jobs write what they print; `{user}` and `{stamp}` are filled in. Used only where the
   * folder before the first of them exists.
   */
  readonly logDirectory?: string | undefined;
  /** Beginning of the scheduler's address, such as `"172.18.90."`, among this machine's. */
  readonly schedulerNetwork?: string | undefined;
  /** First and last port that the site's firewall lets through, used with `schedulerNetwork`. */
  readonly openPorts?: readonly [number, number] | undefined;
  /** Further options of its clusters. */
  readonly options?: JobQueueOptions | undefined;
}

/** A plain SLURM. */
export const plainSite = {
  name: "slurmClusterSetup",
  excludedPartitions: [],
  memCushion: "100 MiB",
  timeoutS: 60,
  interactiveWaitS: 10,
  nWorkers: 1,
  memPerWorker: "auto",
  coresPerWorker: 1,
  isForgiving: false,
} as const satisfies Site;
