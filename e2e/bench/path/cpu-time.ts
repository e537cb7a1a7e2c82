// What processes have cost so far, read from /proc: processor time of a process and of each of its
// threads. Linux alone. It must not know which process is which.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** User and system time in microseconds; 0 for a process that is gone. */
export function cpuTimeUs(pid: number): number {
  return timeIn(`/proc/${pid}/stat`);
}

/** The same for each thread, by its id; that of the main thread is the process id. */
export function threadTimesUs(pid: number): Map<number, number> {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  return new Map(threads.map((thread) => [thread, timeIn(`/proc/${pid}/task/${thread}/stat`)]));
}

/** Bytes of a process that are in memory. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1] ?? 0) * 1024;
}

/** The processes that a process has started and that are still there. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

function timeIn(path: string): number {
  try {
    const text = readFileSync(path, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6;
  } catch {
    return 0;
  }
}
