// SLURM's controller is away for half a minute of a map, while more workers are asked for: nothing
// is lost, the cluster says what is the matter, and the workers come afterwards.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@acme/client";
import type { SlurmFarm } from "../../slurm/farm.js";
import type { Findings } from "../findings.js";
import { clusterOf, phasesOf, until } from "./farm-cluster.js";

const workers = 2;
const more = 4;
const tasks = 200;
const taskMs = 500;
const awayMs = 30_000;

export async function controllerAway(findings: Findings, farm: SlurmFarm): Promise<void> {
  await using cluster = await clusterOf(workers);
  await using client = await Client.connect(cluster);
  const said: string[] = [];
  cluster.on("log", ({ text }) => said.push(text));
  const names = phasesOf(cluster, "up").map(({ name }) => name);
  const numbers = Array.from({ length: tasks }, (_, i) => i);
  const values = client.gather(client.map(slow, [numbers], { args: [taskMs] }));
  values.catch(() => {});
  await farm.stopController();
  const scaled = cluster.scale(more);
  scaled.catch(() => {});
  await sleep(awayMs);
  await farm.startController();
  const startedMs = performance.now();
  await scaled;
  await until("more workers", () => phasesOf(cluster, "up").length === more, 90_000);
  const moreAfterMs = Math.round(performance.now() - startedMs);
  const right = (await values).filter((value, x) => value === x + 1).length;
  const kept = names.every((name) => phasesOf(cluster, "up").some((job) => job.name === name));
  findings.note("controller away", { awayMs, right, kept, moreAfterMs, said });
  findings.check(right === tasks, `controller away: ${right} of ${tasks} tasks are right`);
  findings.check(kept, "controller away: a job was replaced");
  const isSaid = said.some((text) => /controller|does not answer/.test(text));
  findings.check(isSaid, `controller away: it was not said: ${said}`);
}

async function slow(x: number, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x + 1;
}
