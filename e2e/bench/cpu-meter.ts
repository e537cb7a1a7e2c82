// How much processor time our processes used between two moments, and how much others did. Reads
// /proc, so on Linux alone; starts nothing.
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

const ticksPerSecond = 100;

interface Reading {
  readonly nowMs: number;
  readonly busySeconds: number;
  readonly groups: ReadonlyMap<number, number>;
  /** Of this process and all that it started, directly or not. */
  readonly ownSeconds: number;
}

export interface CpuUse {
  readonly wallSeconds: number;
  /** Share of the whole machine that went to processes that are not part of the benchmark. */
  readonly foreignShare: number;
  /** Processor seconds of one process group. */
  secondsOf(group: number): number;
}

/** Measures from now on. @param groups - process groups of the benchmark @returns what ends it */
export function measureCpu(groups: readonly number[]): () => CpuUse {
  const before = read(groups);
  return () => {
    const after = read(groups);
    const secondsOf = (group: number) =>
      (after.groups.get(group) ?? 0) - (before.groups.get(group) ?? 0);
    const wallSeconds = (after.nowMs - before.nowMs) / 1000;
    const own = after.ownSeconds - before.ownSeconds;
    const busy = after.busySeconds - before.busySeconds;
    const foreignShare = Math.max(0, busy - own) / (Math.max(wallSeconds, 0.01) * cpus().length);
    return { wallSeconds, foreignShare, secondsOf };
  };
}

function read(groups: readonly number[]): Reading {
  const [, user, nice, system, , , irq, softirq, steal] = readProc("stat")
    .slice(0, 200)
    .split(/\s+/)
    .map(Number) as number[];
  const seconds = new Map<number, number>(groups.map((group) => [group, 0]));
  const all = processes();
  for (const each of all) {
    const known = seconds.get(each.group);
    if (known !== undefined) seconds.set(each.group, known + each.seconds);
  }
  return {
    nowMs: performance.now(),
    busySeconds: sum([user, nice, system, irq, softirq, steal].map(Number)) / ticksPerSecond,
    groups: seconds,
    ownSeconds: secondsBelow(process.pid, all),
  };
}

/** Those that ended are in the figures of the parents that waited for them. */
function secondsBelow(pid: number, all: readonly ProcessReading[]): number {
  const own = all.find((each) => each.pid === pid)?.seconds ?? 0;
  const children = all.filter(({ parent }) => parent === pid);
  return own + sum(children.map((child) => secondsBelow(child.pid, all)));
}

interface ProcessReading {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** With those of children that ended. */
  readonly seconds: number;
}

function processes(): ProcessReading[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = readProc(`${pid}/stat`);
      // The name, in brackets, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields.length < 15) return [];
      const seconds = sum(fields.slice(11, 15).map(Number)) / ticksPerSecond;
      return [{ pid: Number(pid), parent: Number(fields[1]), group: Number(fields[2]), seconds }];
    });
}

/** Empty when the process is gone. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
