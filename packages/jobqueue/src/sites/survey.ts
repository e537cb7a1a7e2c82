// Asks SLURM for its partitions and their limits. What is answered is read in partitions.ts.
// Must not know what is wanted of them.
import { CommandError } from "../errors.js";
import type { Commands } from "../shell/commands.js";
import type { PartitionLimits } from "./memory-request.js";
import { type Partition, parsePartitions, parseQosMemory, sinfoFormat } from "./partitions.js";

/** @returns null: there is no SLURM on this machine. @throws CommandError, BatchOutputError */
export async function listPartitions(commands: Commands): Promise<Partition[] | null> {
  const sinfo = ["sinfo", "--noheader", "--exact", `--format=${sinfoFormat}`];
  try {
    // One after the other: where the first fails, the second may wait for long.
    const kinds = await commands.run({ argv: sinfo });
    const argv = ["scontrol", "--oneliner", "show", "partition"];
    const partitions = await commands.run({ argv });
    return parsePartitions(partitions, kinds);
  } catch (error) {
    if (error instanceof CommandError && error.isMissing) return null;
    throw error;
  }
}

/** Without accounting there are no qualities of service, and so no limits of theirs. */
export async function limitsOf(partition: Partition, commands: Commands): Promise<PartitionLimits> {
  const { qos } = partition;
  if (qos === null) return { partition, qosMemoryMib: null };
  const which = ["show", "qos", `name=${qos}`, "format=MaxTRES"];
  const argv = ["sacctmgr", "--parsable2", "--noheader", ...which];
  try {
    return { partition, qosMemoryMib: parseQosMemory(await commands.run({ argv })) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { partition, qosMemoryMib: null };
  }
}
