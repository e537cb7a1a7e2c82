// Goal: memory that only garbage holds is given back when it is needed, and collecting never takes
// over. Method: drop real shared buffers and look at the real size of this process.
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { expect, it, vi } from "vitest";
import { GarbageWatch } from "./garbage.js";

const MiB = 2 ** 20;

/** As large values do: weightless for V8, heavy for the machine. */
function dropShared(count: number, bytes: number): void {
  for (let i = 0; i < count; i++) new Uint8Array(new SharedArrayBuffer(bytes)).fill(1);
}

it("gives back what was dropped once it amounts to something", () => {
  const beforeBytes = process.memoryUsage.rss();
  const watch = new GarbageWatch(beforeBytes * 1.5);
  // Larger than what the allocator of any libc keeps for itself.
  dropShared(8, 40 * MiB);
  expect(process.memoryUsage.rss()).toBeGreaterThan(beforeBytes + 200 * MiB);
  expect(watch.moved(320 * MiB)).toBe(true);
  // What was shared is unmapped by V8's own threads, when they get to it.
  const gone = () => expect(process.memoryUsage.rss()).toBeLessThan(beforeBytes + 100 * MiB);
  return vi.waitFor(gone, { timeout: 15_000, interval: 50 });
});

it("does not look while little moved or the process is small", () => {
  const rssBytes = process.memoryUsage.rss();
  expect(new GarbageWatch(rssBytes).moved(rssBytes * 0.04)).toBe(false);
  expect(new GarbageWatch(rssBytes * 3).moved(rssBytes)).toBe(false);
});

it("collects a quarter of the time at most", async () => {
  const watch = new GarbageWatch(undefined);
  const keptAlive = Array.from({ length: 300_000 }, (_, i) => ({ i }));
  // V8's own word: a pause of this thread on a busy machine is no collection.
  const tookMs: number[] = [];
  const note = (entries: readonly PerformanceEntry[]) => {
    for (const entry of entries) {
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) tookMs.push(entry.duration);
    }
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  const startedMs = performance.now();
  while (performance.now() - startedMs < 500) watch.collect();
  const elapsedMs = performance.now() - startedMs;
  await vi.waitFor(() => expect(tookMs.length).toBeGreaterThan(0), { timeout: 5_000 });
  note(observer.takeRecords());
  observer.disconnect();
  expect(keptAlive.length).toBe(300_000);
  const collectingMs = tookMs.reduce((sum, one) => sum + one, 0);
  expect(collectingMs).toBeLessThan(elapsedMs * 0.25 + 2 * Math.max(...tookMs));
});
