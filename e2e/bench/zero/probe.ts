// Loaded into a scheduler's process before it starts: writes how late the event loop of its thread
// was, its heap and its collections, line by line, to the file that ACME_ZERO_PROBE names.
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { PerformanceObserver, performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/** What the scheduler's thread did since the line before. */
export interface ProbeLine {
  readonly atMs: number;
  /** Longest time between two turns of the event loop … */
  readonly stallMs: number;
  /** … and the most that its thread computed between two: what is left of it on a busy machine. */
  readonly stallCpuMs: number;
  readonly heapBytes: number;
  readonly gcMs: number;
  readonly gcMaxMs: number;
}

const everyMs = 100;
const lookMs = 5;
const path = process.env.ACME_ZERO_PROBE;

if (!isMainThread && path !== undefined) {
  let atMs = performance.now();
  let cpuMs = threadCpuMs();
  let writtenMs = atMs;
  let line = nothing();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      line.gcMs += duration;
      line.gcMaxMs = Math.max(line.gcMaxMs, duration);
    }
  }).observe({ entryTypes: ["gc"] });
  setInterval(() => {
    const beforeMs = atMs;
    const cpuBeforeMs = cpuMs;
    atMs = performance.now();
    cpuMs = threadCpuMs();
    line.stallMs = Math.max(line.stallMs, atMs - beforeMs - lookMs);
    line.stallCpuMs = Math.max(line.stallCpuMs, cpuMs - cpuBeforeMs);
    if (atMs - writtenMs < everyMs) return;
    line.atMs = performance.timeOrigin + atMs;
    line.heapBytes = process.memoryUsage().heapUsed;
    appendFileSync(path, `${JSON.stringify(line)}\n`);
    line = nothing();
    writtenMs = atMs;
    collectIfAsked(path);
  }, lookMs).unref();
}

/** Somebody wants to know what is really held: the file is gone once garbage is. */
function collectIfAsked(probe: string): void {
  if (!existsSync(`${probe}.collect`)) return;
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  rmSync(`${probe}.collect`);
}

function nothing() {
  return { atMs: 0, stallMs: 0, stallCpuMs: 0, heapBytes: 0, gcMs: 0, gcMaxMs: 0 };
}

function threadCpuMs(): number {
  const [onCpuNs] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
  return Number(onCpuNs) / 1e6;
}
