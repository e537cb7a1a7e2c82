// The SLURM that other tests rely on: it runs jobs, its nodes are different places, and they can be
// lost in each of the ways that nodes are lost.
import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

const nodes = ["node1", "node2", "node3", "node4"];
let last: SlurmFarm | undefined;
afterAll(() => last?.reset());

it("runs a job array on nodes of different names, addresses and /tmp", async (context) => {
  const farm = await slurmFarm(context);
  last = farm;
  const script = [
    "touch /tmp/acme-was-on-$SLURMD_NODENAME",
    "sleep 1",
    "echo $SLURMD_NODENAME $(hostname) $(hostname -I) $(ls /tmp | grep -c ^acme-was-on-)",
  ].join("\n");
  const id = await farm.sbatch(script, "--array=0-3", "--cpus-per-task=2");
  const jobs = await farm.jobsReach(id, ["COMPLETED"]);
  expect(jobs.map(({ node }) => node).sort()).toEqual(nodes);
  const lines = [0, 1, 2, 3].map((index) =>
    readFileSync(`${farm.shared}/${id}_${index}.out`, "utf8").trim().split(" "),
  );
  if (!farm.hasOwnNetworks) return;
  for (const [node, host, , marks] of lines) expect([host, marks]).toEqual([node, "1"]);
  expect(new Set(lines.map(([, , address]) => address)).size).toBe(4);
});

it("is up again at once when it is up", async (context) => {
  await slurmFarm(context);
  const begin = Date.now();
  await slurmFarm(context);
  expect(Date.now() - begin).toBeLessThan(5000);
});

it("fails the job of a node that loses its power, and takes the node back", async (context) => {
  const farm = await slurmFarm(context);
  const id = await farm.sbatch("sleep 300", "--no-requeue", "--nodelist=node3");
  await farm.jobsReach(id, ["RUNNING"]);
  await farm.crash("node3");
  await farm.jobsReach(id, ["NODE_FAIL"]);
  await farm.start("node3");
  const next = await farm.sbatch("true", "--nodelist=node3");
  await farm.jobsReach(next, ["COMPLETED"]);
});

it("lets jobs go on while a node has no network or no slurmd", async (context) => {
  const farm = await slurmFarm(context);
  const script = "for i in $(seq 30); do [ -e go-on ] && exit 0; sleep 1; done; exit 1";
  await farm.run("rm", ["-f", "go-on"]);
  const id = await farm.sbatch(script, "--nodelist=node2");
  await farm.jobsReach(id, ["RUNNING"]);
  if (farm.hasOwnNetworks) {
    await farm.isolate("node2");
    await farm.start("node2");
  }
  await farm.stop("node2");
  await farm.start("node2");
  await farm.run("touch", ["go-on"]);
  await farm.jobsReach(id, ["COMPLETED"]);
});

it("survives a controller that is away", async (context) => {
  const farm = await slurmFarm(context);
  await farm.stopController();
  await expect(farm.run("sbatch", ["--parsable"], "#!/bin/bash\n")).rejects.toThrow(/contact/);
  await farm.startController();
  await farm.jobsReach(await farm.sbatch("true"), ["COMPLETED"]);
});
