// The SLURM soak: what clusters of jobs promise about nodes, time limits, preemption, clients and
// the controller, each on the farm of e2e/slurm.
import { endFarm, isFarmUp, type SlurmFarm, slurmFarm } from "../../slurm/farm.js";
import type { Findings, SoakOptions } from "../findings.js";
import { clientDeath, schedulerDeath } from "./client-death.js";
import { controllerAway } from "./controller-away.js";
import { losses, lostNode } from "./lost-node.js";
import { preemption } from "./preemption.js";
import { walltime } from "./walltime.js";

type Part = (findings: Findings, farm: SlurmFarm) => Promise<void>;

/** By name, in the order in which they run. */
const parts: ReadonlyMap<string, Part> = new Map<string, Part>([
  ...losses.map((loss): [string, Part] => [
    `node lost: ${loss}`,
    (findings, farm) => lostNode(findings, farm, loss),
  ]),
  ["client death", clientDeath],
  ["scheduler death", schedulerDeath],
  ["controller away", controllerAway],
  ["walltime", walltime],
  ["preemption", preemption],
]);

export async function slurm(findings: Findings, { only }: SoakOptions): Promise<void> {
  const wasUp = await isFarmUp();
  const skip = (why?: string) => {
    throw new Error(why);
  };
  const farm = await slurmFarm({ skip });
  Object.assign(process.env, farm.env);
  findings.note("farm", { ownNetworks: farm.hasOwnNetworks });
  try {
    for (const [name, part] of parts) {
      if (only !== undefined && !name.includes(only)) continue;
      await findings.part(name, () => part(findings, farm));
      await farm.reset();
    }
  } finally {
    if (!wasUp) await endFarm();
  }
}
