// Grid Engine and SLURM's qsub, as the scenario sees them.
// Must not know what is done with them.
import { PBSCluster, SGECluster } from "@acme/jobqueue";
import { execa } from "execa";
import type { SlurmFarm } from "../slurm/farm.js";
import type { Grid } from "./grid.js";
import type { QueueUnderTest } from "./scenario.js";

/** Commands find their system by the environment of this process: set it to the grid's before. */
export function gridEngine({ env, shared, hostAddress }: Grid): QueueUnderTest {
  const run = async (file: string, ...args: string[]) =>
    (await execa(file, args, { env, cwd: shared })).stdout;
  return {
    start: (options) => SGECluster.start({ host: hostAddress, ...options }),
    kill: ({ jobId, index }) => run("qdel", jobId, "-t", String(index)),
    queued: async () => {
      const lines = (await run("qstat")).split("\n").slice(2);
      return lines.map((line) => line.trim().split(/\s+/)[0] ?? "").filter((id) => id !== "");
    },
    refusal: /job rejected|unknown queue|does not exist/i,
    home: env.ACME_HOME as string,
  };
}

/** The same for a farm's environment. */
export function slurmQsub(farm: SlurmFarm): QueueUnderTest {
  const over = ["COMPLETED", "CANCELLED", "FAILED", "NODE_FAIL", "TIMEOUT", "COMPLETING"];
  return {
    start: (options) => PBSCluster.start({ queue: "8GBXS", host: farm.hostAddress, ...options }),
    kill: ({ jobId }) => farm.run("qdel", [jobId]),
    queued: async () =>
      (await farm.squeue()).filter(({ state }) => !over.includes(state)).map(({ id }) => id),
    refusal: /invalid partition/i,
    home: farm.env.ACME_HOME as string,
  };
}
