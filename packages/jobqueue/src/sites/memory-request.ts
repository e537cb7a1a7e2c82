// How much memory and how many cores one job asks for: the user's wish within the partition's
// limits, and a good share where nothing is wished. Must not know where the limits come from.
import { parseBytes } from "@acme/config";
import { JobOptionError } from "../errors.js";
import type { Partition } from "./partitions.js";

export const mib = 1024 ** 2;

export interface RequestWish {
  /** `"auto"`: as much as the partition has for a worker. */
  readonly memPerWorker: string | number;
  /** Null: as many as go with the memory. */
  readonly coresPerWorker: number | null;
  /** What is left of a limit for all that is not the worker itself. */
  readonly cushionMib: number;
}

export interface JobRequest {
  /** Null: nothing is known, so nothing is asked for. */
  readonly memoryMib: number | null;
  readonly cores: number;
  /** What the user should know. */
  readonly warnings: readonly string[];
}

/** Limits of one partition; the quality of service counts before the partition's own. */
export interface PartitionLimits {
  readonly partition: Partition;
  readonly qosMemoryMib: number | null;
}

/** Less per core is a default that nobody has thought about. */
const leastMemPerCpuMib = 1000;

/** @throws JobOptionError */
export function resolveRequest(wish: RequestWish, limits: PartitionLimits): JobRequest {
  const wished = parseMemory(wish.memPerWorker);
  const memoryMib = wished ?? shareOf(wish, limits);
  const cores = wish.coresPerWorker ?? coresFor(memoryMib, limits);
  const limit = limitFor(cores, limits);
  const most = limit === null ? null : Math.max(1, limit - wish.cushionMib);
  if (memoryMib === null || most === null || memoryMib <= most) {
    return { memoryMib, cores, warnings: [] };
  }
  const where = `partition ${limits.partition.name}`;
  const warning = `${where} has no ${memoryMib} MiB for ${cores} cores: using ${most} MiB`;
  return { memoryMib: most, cores, warnings: wished === null ? [] : [warning] };
}

/** Memory in MiB, rounded up; null for `"auto"`. @throws JobOptionError */
export function parseMemory(value: string | number): number | null {
  if (value === "auto") return null;
  try {
    const bytes = parseBytes(value);
    if (bytes > 0) return Math.ceil(bytes / mib);
  } catch (cause) {
    throw new JobOptionError("memPerWorker", (cause as Error).message, cause);
  }
  throw new JobOptionError("memPerWorker", "a worker needs more than no memory");
}

/** The most that a job with so many cores may have, in MiB; null: unknown. */
function limitFor(cores: number, limits: PartitionLimits): number | null {
  const { partition, qosMemoryMib } = limits;
  const perCore = partition.maxMemPerCpuMib;
  const known = [
    qosMemoryMib ?? (perCore === null ? null : perCore * cores),
    partition.maxMemPerNodeMib,
    partition.nodeMemoryMib,
  ].filter((limit) => limit !== null);
  return known.length === 0 ? null : Math.min(...known);
}

// What a worker gets that did not ask. Limits of whole nodes are no shares.
function shareOf(wish: RequestWish, { partition, qosMemoryMib }: PartitionLimits): number | null {
  const cores = wish.coresPerWorker ?? 1;
  const perCore = partition.maxMemPerCpuMib ?? perCoreMib(partition);
  const share = qosMemoryMib ?? (perCore === null ? null : Math.floor(perCore * cores));
  return share === null ? null : Math.max(1, share - wish.cushionMib);
}

function perCoreMib({ defMemPerCpuMib, nodeMemoryMib, nodeCpus }: Partition): number | null {
  if (defMemPerCpuMib !== null) return Math.max(leastMemPerCpuMib, defMemPerCpuMib);
  return nodeMemoryMib === null || nodeCpus === null ? null : nodeMemoryMib / nodeCpus;
}

// As many as SLURM would count for this memory, so that none lies idle beside its worker.
function coresFor(memoryMib: number | null, { partition, qosMemoryMib }: PartitionLimits): number {
  const perCore = perCoreMib(partition);
  if (memoryMib === null || perCore === null) return 1;
  const { maxMemPerCpuMib, nodeCpus } = partition;
  const forced =
    maxMemPerCpuMib === null || qosMemoryMib !== null ? 1 : Math.ceil(memoryMib / maxMemPerCpuMib);
  const cores = Math.max(1, Math.floor(memoryMib / perCore), forced);
  return nodeCpus === null ? cores : Math.min(cores, nodeCpus);
}
