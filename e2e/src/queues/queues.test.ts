// A cluster's whole life on a real Grid Engine, and on the commands of PBS in front of SLURM.
import { mkdirSync } from "node:fs";
import { ExecaError } from "execa";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { skipWithReason } from "../skip-with-reason.js";
import { slurmFarm } from "../slurm/farm.js";
import { cannotCode, endGrid, startGrid } from "./grid.js";
import { liveOnQueue, mapTasks, type QueueUnderTest } from "./scenario.js";
import { gridEngine, slurmQsub } from "./systems.js";

afterEach(() => void vi.unstubAllEnvs());
afterAll(endGrid);

function enter(env: Readonly<Record<string, string>>, shared: string): void {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  mkdirSync(shared, { recursive: true });
}

async function expectWholeLife(queue: QueueUnderTest, arrays: number): Promise<void> {
  const figures = await liveOnQueue(queue, 4);
  expect(figures.refusedWith).toMatch(queue.refusal);
  expect(figures).toMatchObject({
    right: mapTasks,
    arrays,
    afterShrinking: 1,
    leftInQueue: [],
    leftFolders: [],
  });
}

it("lives on Grid Engine", async (context) => {
  try {
    const grid = await startGrid();
    enter(grid.env, grid.shared);
    await expectWholeLife(gridEngine(grid), 1);
  } catch (error) {
    if (!(error instanceof ExecaError) || error.exitCode !== cannotCode) throw error;
    skipWithReason(context, String(error.stderr), error);
  }
});

it("lives on the commands of PBS in front of SLURM", async (context) => {
  const farm = await slurmFarm(context);
  await farm.installPbs(context);
  enter(farm.env, farm.shared);
  await expectWholeLife(slurmQsub(farm), 4);
});
