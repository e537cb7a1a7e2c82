// A cancellation must not overtake the graph that it concerns, however long its function takes to
// pack: the tasks would run, and the futures would wait for them.
import { Client, LocalCluster } from "@acme/client";
import { expect, it } from "vitest";

it("cancels calls that are still being packed", async () => {
  await using cluster = await LocalCluster.start({ nWorkers: 1, logLevel: "silent" });
  await using client = await Client.connect(cluster);
  const ballast = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `entry ${i}` }));
  const nap = async (ms: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ballast.length;
  };
  const futures = client.map(nap, [[60_000, 60_000, 60_000]], { pure: false });
  await client.cancel(futures);
  const ends = await Promise.allSettled(futures.map((future) => future.result()));
  expect(ends.map((end) => end.status === "rejected" && end.reason.name)).toEqual(
    futures.map(() => "CancelledError"),
  );
  expect(await client.submit((x: number) => x + 1, [1]).result({ timeoutMs: 10_000 })).toBe(2);
});
