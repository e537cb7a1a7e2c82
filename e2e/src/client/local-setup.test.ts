// The set-up helper for this machine: its client is used by maps, and its end is the workers' end.
import {
  clusterCleanup,
  currentClient,
  grid,
  localClusterSetup,
  ParallelMap,
  tuple,
} from "@acme/client";
import { expect, test, vi } from "vitest";

test("a map takes the client that was set up, until it is cleaned up", async () => {
  const client = await localClusterSetup({ nWorkers: 2, memPerWorker: "1 GB" });
  try {
    expect(currentClient()).toBe(client);
    const { workers } = await client.schedulerInfo();
    expect(Object.values(workers).map(({ memory_limit }) => memory_limit)).toEqual([1e9, 1e9]);
    const area = ({ a, b }: { a: number; b: number }) => tuple(a * b, a + b);
    const values = await new ParallelMap(area, grid({ a: [1, 2], b: [3, 5] })).compute({
      output: "memory",
      progress: false,
    });
    expect(values).toEqual([
      [3, 4],
      [5, 6],
      [6, 5],
      [10, 7],
    ]);
  } finally {
    await clusterCleanup();
  }
  expect(client.isOpen).toBe(false);
  expect(currentClient()).toBeUndefined();
});

test("with nothing to clean up there is a line, and no error", async () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await clusterCleanup();
  expect(write.mock.calls.join("")).toContain("nothing was cleaned up");
  write.mockRestore();
  await expect(clusterCleanup({} as never)).rejects.toThrow("takes a Client");
});
