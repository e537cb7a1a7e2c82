// Kills workers and nannies while a program works, and puts others in their place. What the program
// found is compared with what it should have found; nothing is timed but that.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
const lookMs = 10;
/** Who did one of so many last steps is at work. */
const lately = 12;
/** The work goes on for this share of its steps while a kill is due, then waits for it. */
const slack = 0.1;

/** What the program can do; see there. */
export const survivorWorks = ["graph", "shuffle", "rechunk", "nested", "unfold"] as const;
export type SurvivorWork = (typeof survivorWorks)[number];

/** A whole worker; the worker below a nanny, which starts another; or a nanny alone. */
export type Victim = "worker" | "nannied worker" | "nanny";

export interface KillOptions {
  readonly site: PythonSite;
  readonly work: SurvivorWork;
  readonly size: number;
  readonly workers: number;
  readonly victim: Victim;
  /** When each kill comes: after this share of the work's steps; growing, below 0.9. */
  readonly after: readonly number[];
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
  const steps = new Steps(join(cluster.folder, "steps"));
  const running = cluster.program(program, [work, `${size}`, `${workers}`, steps.path]);
  const total = Number(await running.line("working", startMs));
  const killing = new AbortController();
  const kills = killAll({ cluster, steps, total, signal: killing.signal }, options);
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

interface Scene {
  readonly cluster: PythonCluster;
  readonly steps: Steps;
  /** Steps of the whole work. */
  readonly total: number;
  readonly signal: AbortSignal;
}

async function killAll(scene: Scene, { after, victim, random }: KillOptions): Promise<number> {
  const { cluster, steps, total, signal } = scene;
  const killed = new Set<number>();
  let kills = 0;
  for (const share of after) {
    const due = Math.floor(share * total);
    steps.allow(due + Math.ceil(slack * total));
    const chosen = await workerAtWork(scene, due, { killed, random });
    if (signal.aborted || chosen === undefined) break;
    kills += 1;
    killed.add(chosen.pid);
    if (victim === "nannied worker") {
      process.kill(chosen.pid, "SIGKILL");
      continue;
    }
    const owner = cluster.workers.find(({ group }) => group === chosen.group) as BenchProcess;
    if (victim === "worker") await owner.kill();
    else process.kill(owner.group, "SIGKILL");
    cluster.startWorker();
  }
  steps.allow(Number.MAX_SAFE_INTEGER);
  return kills;
}

/** Once so many steps were made: one of those who made the last ones and was not killed yet. */
async function workerAtWork(
  { steps, signal }: Scene,
  due: number,
  { killed, random }: { readonly killed: ReadonlySet<number>; random(): number },
): Promise<Step | undefined> {
  while (!signal.aborted) {
    const made = steps.made();
    const latest = new Map(made.slice(-lately).map((step) => [step.pid, step]));
    const candidates = [...latest.values()].filter(({ pid }) => !killed.has(pid));
    if (made.length >= due && candidates.length > 0) {
      return candidates[Math.floor(random() * candidates.length)];
    }
    await sleep(lookMs);
  }
  return undefined;
}

/** Who made a step of the work. */
interface Step {
  /** Of the command that was started: the nanny's, where there is one. */
  readonly group: number;
  readonly pid: number;
}

/** The file in which every step leaves a line, and the one that says how many may be made. */
class Steps {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, "");
    this.allow(0);
  }

  made(): Step[] {
    const lines = readFileSync(this.path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [group, pid] = line.split(" ").map(Number) as [number, number];
      return { group, pid };
    });
  }

  allow(most: number): void {
    writeFileSync(`${this.path}.next`, `${most}`);
    renameSync(`${this.path}.next`, `${this.path}.most`);
  }
}
