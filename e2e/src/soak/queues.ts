// Clusters on batch systems other than SLURM: a real Grid Engine, and the commands of PBS in front of
// SLURM. Each lives its whole life several times; where a system cannot be had, that is noted.
import { endGrid, startGrid } from "../queues/grid.js";
import { liveOnQueue, mapTasks, type QueueUnderTest } from "../queues/scenario.js";
import { gridEngine, slurmQsub } from "../queues/systems.js";
import { endFarm, isFarmUp, slurmFarm } from "../slurm/farm.js";
import type { Findings } from "./findings.js";

const rounds = 3;
const jobs = 6;

/** What is missing on this machine is said by throwing. */
const context = {
  skip: (note?: string) => {
    throw new Error(`this machine lacks it: ${note}`);
  },
};

export async function queues(findings: Findings): Promise<void> {
  await findings.part("Grid Engine", async () => {
    const grid = await startGrid();
    try {
      await within(grid.env, () => live(findings, "Grid Engine", gridEngine(grid)));
    } finally {
      await endGrid();
    }
  });
  await findings.part("qsub in front of SLURM", async () => {
    const wasUp = await isFarmUp();
    const farm = await slurmFarm(context);
    try {
      await farm.installPbs(context);
      await within(farm.env, () => live(findings, "qsub in front of SLURM", slurmQsub(farm)));
    } finally {
      if (!wasUp) await endFarm();
    }
  });
}

async function live(findings: Findings, name: string, queue: QueueUnderTest): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const figures = await liveOnQueue(queue, jobs);
    const here = `${name}, round ${round}`;
    const { refusedWith, ...rest } = figures;
    // The rest of what it said names folders of this machine.
    findings.note(here, { ...rest, refusedWith: queue.refusal.exec(refusedWith)?.[0] });
    const { right, afterShrinking, leftInQueue, leftFolders } = figures;
    findings.check(queue.refusal.test(refusedWith), `${here}: refused with ${refusedWith}`);
    findings.check(right === mapTasks, `${here}: ${right} of ${mapTasks} right`);
    findings.check(afterShrinking === 1, `${here}: ${afterShrinking} jobs after shrinking to 1`);
    findings.check(leftInQueue.length === 0, `${here}: left in the queue: ${leftInQueue}`);
    findings.check(leftFolders.length === 0, `${here}: left folders: ${leftFolders}`);
  }
}

/** Commands of a batch system find it by this process's environment. */
async function within(env: Readonly<Record<string, string>>, run: () => Promise<void>) {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    await run();
  } finally {
    process.env = before;
  }
}
