// Jobs that may be preempted make room for urgent ones in the middle of a map, and come back under
// their own names; no result is lost.
import { userInfo } from "node:os";
import { Client } from "@acme/client";
import type { SlurmFarm } from "../../slurm/farm.js";
import type { Findings } from "../findings.js";
import { clusterOf, phasesOf, until } from "./farm-cluster.js";

const workers = 4;
const tasks = 400;
const taskMs = 200;
const urgentS = 10;
/** SLURM lets a preempted job wait for two minutes before it may run again. */
const backMs = 400_000;

export async function preemption(findings: Findings, farm: SlurmFarm): Promise<void> {
  const options = { queue: "preempt", requeue: true, cores: 2 };
  await using cluster = await clusterOf(workers, options);
  await using client = await Client.connect(cluster);
  const names = () => phasesOf(cluster, "up").map(({ name }) => name);
  const before = names();
  const numbers = Array.from({ length: tasks }, (_, i) => i);
  const values = client.gather(client.map(slow, [numbers], { args: [taskMs] }));
  values.catch(() => {});
  const urgent = ["--partition=urgent", "--cpus-per-task=2", "--mem=400M", "--array=0-1"];
  const beginMs = performance.now();
  await farm.sbatch(`sleep ${urgentS}`, ...urgent);
  const phases = new Set<string>();
  cluster.on("job", ({ phase, batchState, reason }) => {
    phases.add(`${phase} ${batchState} ${reason}`.trim());
  });
  const goneMs = await until("preempted", () => phasesOf(cluster, "up").length === 2, 30_000);
  const isBack = () => phasesOf(cluster, "up").length === workers;
  await until("back", isBack, backMs);
  const backAfterS = Math.round((performance.now() - beginMs) / 1_000);
  const right = (await values).filter((value, x) => value === x * 2).length;
  const isSame = names().toSorted().join() === before.toSorted().join();
  const restarts = cluster.jobs().filter((job) => job.restarts > 0).length;
  const over = cluster.jobs().filter(({ outcome }) => outcome !== null).length;
  const seen = [...phases];
  findings.note("preemption", { goneMs, backAfterS, right, isSame, restarts, over, seen });
  findings.check(right === tasks, `preemption: ${right} of ${tasks} tasks are right`);
  findings.check(isSame, `preemption: ${before} became ${names()}`);
  findings.check(restarts >= 2, `preemption: ${restarts} jobs were started again`);
  await farm.run("scancel", [`--user=${userInfo().username}`, "--partition=urgent"]);
}

async function slow(x: number, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x * 2;
}
