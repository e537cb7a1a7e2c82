// Goal: memory that only garbage holds is given back when it is needed, and collecting never takes
// over. Method: drop real shared buffers and look at the real size of this process.
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
  return vi.waitFor(() => {
    expect(process.memoryUsage.rss()).toBeLessThan(beforeBytes + 100 * MiB);
  });
});

it("does not look while little moved or the process is small", () => {
  const rssBytes = process.memoryUsage.rss();
  expect(new GarbageWatch(rssBytes).moved(rssBytes * 0.04)).toBe(false);
  expect(new GarbageWatch(rssBytes * 3).moved(rssBytes)).toBe(false);
});

it("collects a quarter of the time at most", () => {
  const watch = new GarbageWatch(undefined);
  const keptAlive = Array.from({ length: 300_000 }, (_, i) => ({ i }));
  const startedMs = performance.now();
  let longestMs = 0;
  let collectingMs = 0;
  while (performance.now() - startedMs < 500) {
    const beganMs = performance.now();
    watch.collect();
    const tookMs = performance.now() - beganMs;
    if (tookMs > 1) collectingMs += tookMs;
    longestMs = Math.max(longestMs, tookMs);
  }
  expect(keptAlive.length).toBe(300_000);
  expect(longestMs).toBeGreaterThan(1);
  expect(collectingMs).toBeLessThan(500 * 0.25 + 2 * longestMs);
});
