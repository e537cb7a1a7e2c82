// Goal: a spill disk that is full costs nothing that is finished, says so, and work goes on when
// there is space again. Method: real workers that spill to a disk of 64 MB, which then grows.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Future, LocalCluster, wait } from "@acme/client";
import { expect, test } from "vitest";
import { SmallDisk } from "./small-disk.js";

const MB = 1_000_000;
const [values, valueBytes, memoryLimit] = [40, 8 * MB, 256 * MB];

const make = (seed: number, length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => seed * 1_000 + (i % 977));

const isRight = (value: Float64Array, seed: number) =>
  value.length === valueBytes / 8 && value.every((one, i) => one === seed * 1_000 + (i % 977));

const finished = (futures: readonly Future<unknown>[]) =>
  futures.filter((future) => future.status === "finished").length;

/** Until nothing more was finished for a while. */
async function standstill(futures: readonly Future<unknown>[]): Promise<number> {
  for (;;) {
    const before = finished(futures);
    await sleep(2_000);
    if (before > 0 && finished(futures) === before) return before;
  }
}

async function rightAmong(futures: readonly Future<Float64Array>[]): Promise<number> {
  let right = 0;
  for (const [seed, future] of futures.entries()) {
    if (future.status === "finished" && isRight(await future.result(), seed)) right += 1;
  }
  return right;
}

test("a full spill disk loses nothing, and work goes on when there is space", async (context) => {
  await using disk = await SmallDisk.make(context, "64m");
  await using cluster = await LocalCluster.start({
    nWorkers: 1,
    threadsPerWorker: 1,
    memoryLimit,
    localDirectory: disk.path,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(1);
  const { workerPids } = cluster;
  const seeds = Array.from({ length: values }, (_, i) => i);
  const futures = client.map(make, [seeds], { args: [valueBytes / 8] });
  const held = await standstill(futures);
  expect(held).toBeLessThan(values);

  const waiting = futures.find((future) => future.status === "pending") as Future<Float64Array>;
  const why = await client.explain(waiting);
  expect(why).toContain(disk.path);
  expect(why).toMatch(/ENOSPC.*--local-directory/);
  expect(await rightAmong(futures)).toBe(held);

  await cluster.scale(2);
  await client.waitForWorkers(1);
  expect(await standstill(futures)).toBeGreaterThan(held);

  await disk.grow("1g");
  await wait(futures);
  expect(await rightAmong(futures)).toBe(values);
  expect(cluster.workerPids.slice(0, 1)).toEqual(workerPids);
});
