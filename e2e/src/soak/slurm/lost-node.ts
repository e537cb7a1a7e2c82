// A node is lost in the middle of a map of 2,000 calls that writes files: the loss is seen, nothing
// that was finished is computed again, and the job is back on another node.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, ParallelMap } from "@acme/client";
import type { SLURMCluster } from "@acme/jobqueue";
import type { SlurmFarm } from "../../slurm/farm.js";
import type { Findings } from "../findings.js";
import { clusterOf, countsIn, phasesOf, until } from "./farm-cluster.js";

export const losses = ["network, power later", "power", "slurmstepd, worker later"] as const;
export type Loss = (typeof losses)[number];

const workers = 4;
const calls = 2_000;
const callMs = 100;
/** Files that are there when the node is lost. */
const doneBefore = 500;
const laterMs = 5_000;
const silenceSeenMs = 15_000;
const backWithinMs = 25_000;

export async function lostNode(findings: Findings, farm: SlurmFarm, loss: Loss): Promise<void> {
  await using cluster = await clusterOf(workers);
  await using client = await Client.connect(cluster);
  const outputDir = join(farm.shared, `lost-${process.pid}`);
  const ledger = `${outputDir}.ledger`;
  for (const path of [outputDir, ledger]) rmSync(path, { recursive: true, force: true });
  const map = new ParallelMap(square, inputs, ledger, callMs);
  const running = map.compute({ client, outputDir, progress: false });
  running.catch(() => {});
  const finished = () => finishedIn(join(outputDir, "square_payload"));
  await until("files", () => finished().length >= doneBefore, 120_000);
  const node = phasesOf(cluster, "up")[0]?.nodes as string;
  const safe = finished();
  // What was written a moment ago may not have been reported yet.
  await sleep(500);
  const watch = new LossWatch(cluster, farm, node);
  await lose(farm, loss, node);
  const figures = await watch.end(loss !== "slurmstepd, worker later");
  const right = await rightOnes(await running);
  const counts = countsIn(ledger);
  const again = safe.filter((call) => (counts.get(call) ?? 0) > 1).length;
  const repeated = [...counts.values()].filter((count) => count > 1).length;
  findings.note(loss, { ...figures, finishedBefore: safe.length, again, repeated, right });
  findings.check(right === calls, `${loss}: ${right} of ${calls} results are right`);
  findings.check(again === 0, `${loss}: ${again} finished results were computed again`);
  const { silentAfterMs, backAfterDownMs } = figures;
  findings.check(silentAfterMs <= silenceSeenMs, `${loss}: seen after ${silentAfterMs} ms`);
  findings.check(backAfterDownMs < backWithinMs, `${loss}: back after ${backAfterDownMs} ms`);
  for (const path of [outputDir, ledger]) rmSync(path, { recursive: true });
}

const inputs = Array.from({ length: calls }, (_, i) => i);

async function square(x: number, path: string, ms: number): Promise<number> {
  process.getBuiltinModule("node:fs").appendFileSync(path, `${x}\n`);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x * x;
}

/** Calls whose files are there under their own names. */
function finishedIn(payload: string): number[] {
  const names = existsSync(payload) ? readdirSync(payload) : [];
  return names.flatMap((name) => {
    const index = /^square_(\d+)\.h5$/.exec(name)?.[1];
    return index === undefined ? [] : [Number(index)];
  });
}

async function rightOnes(paths: readonly string[]): Promise<number> {
  const { ready, File } = await import("h5wasm/node");
  await ready;
  return paths.filter((path, x) => {
    const file = new File(path, "r");
    const { value } = file.get("result_0") as unknown as { value: number | Float64Array };
    file.close();
    return Number(value) === x * x;
  }).length;
}

async function lose(farm: SlurmFarm, loss: Loss, node: string): Promise<void> {
  switch (loss) {
    case "network, power later":
      await farm.isolate(node);
      void sleep(laterMs).then(() => farm.crash(node));
      return;
    case "power":
      await farm.crash(node);
      return;
    case "slurmstepd, worker later":
      await kill(farm, node, /^slurmstepd/);
      await sleep(laterMs);
      await kill(farm, node, /^(?!slurmd)/);
  }
}

async function kill(farm: SlurmFarm, node: string, program: RegExp): Promise<void> {
  for (const [pid, name] of await farm.processes(node)) {
    if (program.test(name)) process.kill(pid, "SIGKILL");
  }
}

export interface LossFigures {
  /** From the loss until the cluster has noticed. */
  readonly silentAfterMs: number;
  /** From the loss until SLURM says that the node is down; null: it never does. */
  readonly downAfterMs: number | null;
  /** From the loss until all jobs are up, none of them there. */
  readonly backAfterMs: number;
  /** The same from the moment that SLURM knew of it. */
  readonly backAfterDownMs: number;
  /** What SLURM said of the lost job when its replacement was there. */
  readonly slurmSaid: string;
}

/** Takes the times of what follows a loss. Made right before it. */
class LossWatch {
  readonly #beginMs = performance.now();
  readonly #cluster: SLURMCluster;
  readonly #farm: SlurmFarm;
  readonly #node: string;
  readonly #lost: readonly string[];
  #silentAfterMs = Number.POSITIVE_INFINITY;

  constructor(cluster: SLURMCluster, farm: SlurmFarm, node: string) {
    this.#cluster = cluster;
    this.#farm = farm;
    this.#node = node;
    const here = phasesOf(cluster, "up").filter(({ nodes }) => nodes === node);
    this.#lost = here.map(({ name }) => name as string);
    cluster.on("job", ({ name, phase }) => {
      if (phase === "up" || !this.#lost.includes(name as string)) return;
      this.#silentAfterMs = Math.min(this.#silentAfterMs, this.#now());
    });
  }

  async end(goesDown: boolean): Promise<LossFigures> {
    const down = goesDown ? this.#down() : Promise.resolve(null);
    // A node that stays may have the new job.
    const isBack = () => {
      const up = phasesOf(this.#cluster, "up").filter(
        ({ name }) => !this.#lost.includes(name ?? ""),
      );
      return up.length === workers && (!goesDown || up.every(({ nodes }) => nodes !== this.#node));
    };
    await until("the job is back", isBack, 90_000);
    const backAfterMs = this.#now();
    const slurmSaid = (await this.#farm.squeue())
      .filter(({ id }) => this.#lost.includes(id))
      .map(({ state }) => state);
    const downAfterMs = await down;
    return {
      silentAfterMs: this.#silentAfterMs,
      downAfterMs,
      backAfterMs,
      backAfterDownMs: backAfterMs - (downAfterMs ?? 0),
      slurmSaid: slurmSaid.join(", "),
    };
  }

  async #down(): Promise<number> {
    const words = ["--noheader", `--nodes=${this.#node}`, "--format=%T"];
    const isDown = async () => /^down/.test(await this.#farm.run("sinfo", words));
    await until("SLURM says that the node is down", isDown, 60_000);
    return this.#now();
  }

  #now(): number {
    return Math.round(performance.now() - this.#beginMs);
  }
}
