// Programs that end without closing their cluster: their jobs do not stay in the queue, whether they
// run or wait.

import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

const program = fileURLToPath(new URL("./fixtures/never-closes.mjs", import.meta.url));

let here: SlurmFarm;
beforeEach(async (context) => {
  here = await slurmFarm(context);
});

const inQueue = async (farm: SlurmFarm, tag: string): Promise<string[]> => {
  const text = await farm.run("squeue", ["--noheader", "--array", "--format=%i %T %k"]);
  return text.split("\n").filter((line) => line.endsWith(` ${tag}`));
};

it.each([
  ["SIGKILL", 20_000],
  ["SIGINT", 5_000],
] as const)("a program that %s ended", async (signal, allowedMs) => {
  const farm = here;
  const child = execa("node", [program], { env: farm.env, reject: false });
  const [tag] = (await once(createInterface(child.stdout), "line")) as [string];
  const before = await inQueue(farm, tag);
  expect(before).toHaveLength(8);
  expect(before.filter((line) => line.includes("PENDING"))).toHaveLength(4);
  child.kill(signal);
  const beginMs = performance.now();
  while ((await inQueue(farm, tag)).length > 0) {
    expect(performance.now() - beginMs).toBeLessThan(allowedMs);
    await sleep(250);
  }
});

// The queue is asked whether anything is left, and without a controller it names no jobs.
it("a program that ended while the controller was away", { timeout: 120_000 }, async () => {
  const farm = here;
  const child = execa("node", [program], { env: farm.env, reject: false });
  const [tag] = (await once(createInterface(child.stdout), "line")) as [string];
  await farm.stopController();
  try {
    child.kill("SIGKILL");
    await sleep(15_000);
  } finally {
    await farm.startController();
  }
  const beginMs = performance.now();
  while ((await inQueue(farm, tag)).length > 0) {
    expect(performance.now() - beginMs).toBeLessThan(45_000);
    await sleep(250);
  }
});
