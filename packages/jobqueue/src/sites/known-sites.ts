// The sites that we know, as their own documentation and tools describe them. Must hold nothing but
// data.
import type { Site } from "./site.js";

/** Ernst Strüngmann Institute, Frankfurt. */
export const esiSite: Site = {
  name: "esiClusterSetup",
  hostNames: /^esi-sv/,
  excludedPartitions: ["PREPO", "ESI"],
  sizeInName: /^(\d+)GB/,
  nWorkers: 2,
  coresPerWorker: null,
  interactiveWaitS: 120,
  isForgiving: true,
  logDirectory: "/cs/slurm/{user}/{user}_{stamp}",
};

/** Cooperative Brain Imaging Center, Frankfurt. */
export const bicSite: Site = {
  name: "bicClusterSetup",
  hostNames: /^bic-sv/,
  sizeInName: /^(\d+)GB/,
  nWorkers: 2,
  coresPerWorker: null,
  memCushion: "500 MiB",
  timeoutS: 120,
  interactiveWaitS: 120,
  isForgiving: true,
  logDirectory: "/mnt/hpc/home/{user}/slurm/{user}_{stamp}",
  schedulerNetwork: "172.18.90.",
  openPorts: [60_001, 63_000],
};

/** Those that can be recognized. */
export const knownSites: readonly Site[] = [esiSite, bicSite];
