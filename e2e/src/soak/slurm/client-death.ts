// Programs that end without closing their cluster: how long their jobs stay, those that wait
// included.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { SlurmFarm } from "../../slurm/farm.js";
import type { Findings } from "../findings.js";
import { inQueue, until } from "./farm-cluster.js";

const program = fileURLToPath(
  new URL("../../../src/slurm/fixtures/never-closes.mjs", import.meta.url),
);
/** Until nothing of a program that ended so is in the queue. */
const allowedMs = { SIGKILL: 60_000, SIGINT: 5_000 };

export async function clientDeath(findings: Findings, farm: SlurmFarm): Promise<void> {
  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    const child = execa("node", [program], { env: farm.env, reject: false });
    const [tag] = (await once(createInterface(child.stdout), "line")) as [string];
    const before = await inQueue(farm, tag);
    const waiting = before.filter((line) => line.includes("PENDING")).length;
    child.kill(signal);
    const isEmpty = async () => (await inQueue(farm, tag)).length === 0;
    const emptyAfterMs = await until("an empty queue", isEmpty, 120_000);
    findings.note(signal, { jobs: before.length, waiting, emptyAfterMs });
    findings.check(waiting > 0, `${signal}: no job was waiting`);
    const late = emptyAfterMs > allowedMs[signal];
    findings.check(!late, `${signal}: jobs in the queue for ${emptyAfterMs} ms`);
  }
}
