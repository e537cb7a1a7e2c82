// Three minutes of work on jobs that may run for one: all of it is done, nothing is cut short, and
// a job's successor is there before it leaves.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@acme/client";
import type { SlurmFarm } from "../../slurm/farm.js";
import type { Findings } from "../findings.js";
import { clusterOf, countsIn } from "./farm-cluster.js";

const workers = 2;
const tasks = 100;
const taskMs = 5_000;

export async function walltime(findings: Findings, farm: SlurmFarm): Promise<void> {
  await using cluster = await clusterOf(workers, { walltime: "00:01:00" });
  await using client = await Client.connect(cluster);
  const ledger = join(farm.shared, `walltime-${process.pid}.ledger`);
  rmSync(ledger, { force: true });
  let fewest = workers;
  const look = () => {
    fewest = Math.min(fewest, cluster.nRegistered);
  };
  const looking = setInterval(look, 50);
  const numbers = Array.from({ length: tasks }, (_, i) => i);
  const beginMs = performance.now();
  const values = await client.gather(client.map(slow, [numbers], { args: [ledger, taskMs] }));
  clearInterval(looking);
  const tookS = Math.round((performance.now() - beginMs) / 1_000);
  const right = values.filter((value, x) => value === x).length;
  const repeated = [...countsIn(ledger).values()].filter((count) => count > 1).length;
  const outcomes = cluster.jobs().flatMap(({ outcome }) => outcome ?? []);
  const cut = outcomes.filter((outcome) => outcome !== "completed").length;
  const jobs = cluster.jobs().length;
  findings.note("walltime", { tookS, right, repeated, jobs, cut, fewestWorkers: fewest });
  findings.check(right === tasks, `walltime: ${right} of ${tasks} tasks are right`);
  findings.check(repeated === 0, `walltime: ${repeated} tasks were cut short and ran again`);
  findings.check(cut === 0, `walltime: jobs ended as ${outcomes}`);
  findings.check(fewest === workers, `walltime: only ${fewest} workers for a while`);
  rmSync(ledger);
}

async function slow(x: number, path: string, ms: number): Promise<number> {
  process.getBuiltinModule("node:fs").appendFileSync(path, `${x}\n`);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x;
}
