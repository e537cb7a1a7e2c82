// Programs that end without closing their cluster: their jobs do not stay in the queue, whether they
// run or wait.

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

/** Eight nodes' worth of jobs on four nodes, so that some wait. */
const program = `
import { SLURMCluster } from "@acme/jobqueue";
const cluster = await SLURMCluster.start({ cores: 2, memory: "400 MB", queue: "8GBXS" });
await cluster.scale(8);
await cluster.waitForWorkers(1);
console.log(cluster.tag);
`;

let here: SlurmFarm;
beforeEach(async (context) => {
  here = await slurmFarm(context);
});

const inQueue = async (farm: SlurmFarm, tag: string): Promise<string[]> => {
  const text = await farm.run("squeue", ["--noheader", "--array", "--format=%i %T %k"]);
  return text.split("\n").filter((line) => line.endsWith(` ${tag}`));
};

async function firstLine(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) return line;
  throw new Error("it printed nothing");
}

it.each(["SIGKILL", "SIGINT"] as const)("a program that %s ended", async (signal) => {
  const farm = here;
  const child = execa("node", ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: farm.env,
    reject: false,
  });
  const tag = await firstLine(child.iterable({ preserveNewlines: false }));
  const before = await inQueue(farm, tag);
  expect(before).toHaveLength(8);
  expect(before.filter((line) => line.includes("PENDING"))).toHaveLength(4);
  child.kill(signal);
  const beginMs = performance.now();
  while ((await inQueue(farm, tag)).length > 0) {
    expect(performance.now() - beginMs).toBeLessThan(20_000);
    await sleep(250);
  }
});
