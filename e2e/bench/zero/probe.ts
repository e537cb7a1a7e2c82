// Loaded into a scheduler's process before it starts: writes how late the event loop of its thread
// was, its heap and its collections, line by line, to the file that ACME_ZERO_PROBE names.
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay, PerformanceObserver, performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** What the scheduler's thread did since the line before. */
export interface ProbeLine {
  readonly atMs: number;
  readonly stallMs: number;
  readonly heapBytes: number;
  readonly gcMs: number;
  readonly gcMaxMs: number;
  readonly gcs: number;
}

const everyMs = 100;
const resolutionMs = 10;
const path = process.env.ACME_ZERO_PROBE;

if (!isMainThread && path !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let gcMs = 0;
  let gcMaxMs = 0;
  let gcs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      gcMs += duration;
      gcs += 1;
      gcMaxMs = Math.max(gcMaxMs, duration);
    }
  }).observe({ entryTypes: ["gc"] });
  setInterval(() => {
    const line: ProbeLine = {
      atMs: performance.timeOrigin + performance.now(),
      stallMs: Math.max(0, delay.max / 1e6 - resolutionMs),
      heapBytes: process.memoryUsage().heapUsed,
      gcMs,
      gcMaxMs,
      gcs,
    };
    delay.reset();
    gcMs = gcMaxMs = gcs = 0;
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  }, everyMs).unref();
}
