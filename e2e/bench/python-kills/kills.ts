// Kills workers and nannies while a program works, and puts others in their place. What the program
// found is compared with what it should have found; nothing is timed but that.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchProcess } from "../process.js";
import {
  benchFile,
  PythonCluster,
  type PythonSite,
  type SchedulerName,
} from "../python-cluster.js";

const program = benchFile("python-kills/survive.py");
const startMs = 90_000;
const workMs = 300_000;

/** What the program can do; see there. */
export const survivorWorks = ["graph", "shuffle", "rechunk", "nested"] as const;
export type SurvivorWork = (typeof survivorWorks)[number];

/** A whole worker; the worker below a nanny, which starts another; or a nanny alone. */
export type Victim = "worker" | "nannied worker" | "nanny";

export interface KillOptions {
  readonly site: PythonSite;
  readonly work: SurvivorWork;
  readonly size: number;
  readonly workers: number;
  readonly victim: Victim;
  /** Time before each kill; as many as there are kills, unless the work is done before. */
  readonly pausesMs: readonly number[];
  /** Of 0 to 1: which worker is next. */
  readonly random: () => number;
  readonly scheduler?: SchedulerName;
}

export interface Survival {
  readonly found: number;
  readonly right: number;
  readonly seconds: number;
  readonly kills: number;
}

/** @throws Error with the last words of the program if it failed */
export async function killDuring(options: KillOptions): Promise<Survival> {
  const { site, work, size, workers, victim, scheduler = "acme" } = options;
  const workerArgs = [victim === "worker" ? "--no-nanny" : "--nanny"];
  await using cluster = await PythonCluster.start({ site, scheduler, workers, workerArgs });
  const running = cluster.program(program, [work, `${size}`, `${workers}`]);
  await running.line("working", startMs);
  const killing = new AbortController();
  const kills = killAll(cluster, options, killing.signal);
  const found = running.line("found", workMs);
  try {
    const told = JSON.parse(await found);
    killing.abort();
    return { ...told, kills: await kills };
  } finally {
    killing.abort();
    await kills.catch(() => {});
  }
}

async function killAll(
  cluster: PythonCluster,
  { pausesMs, victim, random }: KillOptions,
  signal: AbortSignal,
): Promise<number> {
  const alive = [...cluster.workers];
  let kills = 0;
  for (const pauseMs of pausesMs) {
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const [chosen] = alive.splice(Math.floor(random() * alive.length), 1) as [BenchProcess];
    kills += 1;
    if (victim === "nannied worker") {
      killBelow(chosen.group);
      alive.push(chosen);
      continue;
    }
    if (victim === "worker") await chosen.kill();
    else process.kill(chosen.group, "SIGKILL");
    alive.push(cluster.startWorker());
  }
  return kills;
}

/** Nannies start their worker by Python's spawn; there may be none at the moment. */
function killBelow(nanny: number): void {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent !== nanny) continue;
      if (readFileSync(`/proc/${name}/cmdline`, "utf8").includes("spawn_main")) {
        process.kill(Number(name), "SIGKILL");
      }
    } catch {
      // It has ended meanwhile.
    }
  }
}
