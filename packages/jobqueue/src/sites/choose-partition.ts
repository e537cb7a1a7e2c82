// Which partition a cluster of workers goes to: the one that is named, or the smallest that suffices.
// Must not know how partitions are found out.
import { JobOptionError } from "../errors.js";
import { mib } from "./memory-request.js";
import type { Partition } from "./partitions.js";

export interface PartitionChoice {
  /** A name, or `"auto"`. */
  readonly wanted: string;
  /** Of one worker; null: nothing is known, so the default partition is as good as any. */
  readonly needMib: number | null;
  /** Never chosen, and refused when named. */
  readonly excluded: readonly string[];
  /** The size in a name: its first group is gigabytes; null: names say nothing. */
  readonly sizeInName: RegExp | null;
  readonly cushionMib: number;
}

/** @throws JobOptionError with the names there are */
export function choosePartition(all: readonly Partition[], choice: PartitionChoice): Partition {
  const allowed = all.filter(({ name }) => !choice.excluded.includes(name));
  if (choice.wanted === "auto") return smallestSufficient(allowed, choice);
  const named = allowed.find(({ name }) => name === choice.wanted);
  if (named !== undefined) return named;
  const names = allowed.map(({ name }) => name).join(", ");
  throw new JobOptionError("partition", `there is no ${choice.wanted}; there are ${names}`);
}

function smallestSufficient(all: readonly Partition[], choice: PartitionChoice): Partition {
  const up = all.filter(({ isUp }) => isUp);
  const { needMib, cushionMib } = choice;
  const first = up.find(({ isDefault }) => isDefault) ?? up[0];
  if (first === undefined) throw new JobOptionError("partition", "no partition is up");
  if (needMib === null) return first;
  const sized = up.map((partition) => ({ partition, size: sizeOf(partition, choice) }));
  const enough = sized.filter(({ size }) => size - cushionMib >= needMib);
  // Among equals the default one, then SLURM's own order: the sort keeps it.
  enough.sort(
    (a, b) => a.size - b.size || Number(b.partition.isDefault) - Number(a.partition.isDefault),
  );
  const best = enough[0];
  if (best !== undefined) return best.partition;
  const most = Math.max(...sized.map(({ size }) => size - cushionMib));
  const why = `a worker needs ${needMib} MiB, and no partition has more than ${most} MiB for one`;
  throw new JobOptionError("partition", why);
}

/** What one worker can have there at most, in MiB. */
function sizeOf(partition: Partition, { sizeInName }: PartitionChoice): number {
  const gigabytes = sizeInName?.exec(partition.name)?.[1];
  const named = gigabytes === undefined ? null : (Number(gigabytes) * 1e9) / mib;
  const limits = [named, partition.maxMemPerNodeMib, partition.nodeMemoryMib];
  return Math.floor(Math.min(...limits.filter((limit) => limit !== null)));
}
