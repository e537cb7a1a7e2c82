// Programs that end without closing their cluster: how long their jobs stay, those that wait
// included.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { SlurmFarm } from "../../slurm/farm.js";
import type { Findings } from "../findings.js";
import { inQueue, until } from "./farm-cluster.js";

const program = fileURLToPath(
  new URL("../../../src/slurm/fixtures/never-closes.mjs", import.meta.url),
);
/** How long a cluster is left before it is looked at, and until its orphans are cancelled. */
const leftMs = 15_000;
const orphansMs = 60_000;
const deaths = [
  { signal: "SIGKILL", how: [] },
  { signal: "SIGINT", how: [] },
  { signal: "SIGKILL", how: ["job"] },
] as const;
/** Until nothing of a program that ended so is in the queue. */
const allowedMs = { SIGKILL: 60_000, SIGINT: 5_000 };

export async function clientDeath(findings: Findings, farm: SlurmFarm): Promise<void> {
  for (const { signal, how } of deaths) {
    const child = execa("node", [program, ...how], { env: farm.env, reject: false });
    const [tag] = (await once(createInterface(child.stdout), "line")) as [string];
    const before = await inQueue(farm, tag);
    const waiting = before.filter((line) => line.includes("PENDING")).length;
    child.kill(signal);
    const isEmpty = async () => (await inQueue(farm, tag)).length === 0;
    const emptyAfterMs = await until("an empty queue", isEmpty, 120_000);
    const name = `${signal}${how.length === 0 ? "" : ", scheduler in a job"}`;
    findings.note(name, { jobs: before.length, waiting, emptyAfterMs });
    findings.check(waiting > 0, `${name}: no job was waiting`);
    const late = emptyAfterMs > allowedMs[signal];
    findings.check(!late, `${name}: jobs in the queue for ${emptyAfterMs} ms`);
  }
}

/** A cluster that was left goes on, until its scheduler ends. */
export async function schedulerDeath(findings: Findings, farm: SlurmFarm): Promise<void> {
  const { stdout: tag } = await execa("node", [program, "detached"], { env: farm.env });
  await sleep(leftMs);
  const before = await inQueue(farm, tag);
  findings.check(before.length === 9, `detached: ${before.length} of 9 jobs after ${leftMs} ms`);
  await farm.run("scancel", ["--name=acme-scheduler"]);
  const isEmpty = async () => (await inQueue(farm, tag)).length === 0;
  const emptyAfterMs = await until("an empty queue", isEmpty, 180_000);
  findings.note("detached, scheduler ended", { jobs: before.length, emptyAfterMs });
  findings.check(emptyAfterMs <= orphansMs, `detached: jobs in the queue for ${emptyAfterMs} ms`);
}
