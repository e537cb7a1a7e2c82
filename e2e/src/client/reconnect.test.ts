// A client whose connection is cut while its tasks run: results come all the same, and what it
// released meanwhile is freed.
import { setTimeout as delay } from "node:timers/promises";
import { Client, LocalCluster } from "@acme/client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { CuttableProxy } from "./fixtures/cuttable-proxy.js";

const double = (x: number): number => 2 * x;
const slowly = async (x: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return x;
};

let cluster: LocalCluster;
let proxy: CuttableProxy;
let client: Client;
const log: string[] = [];

beforeAll(async () => {
  cluster = await LocalCluster.start({ nWorkers: 2, threadsPerWorker: 1, logLevel: "error" });
  proxy = await CuttableProxy.start(cluster.schedulerAddress);
  client = await Client.connect(proxy.address, {
    security: cluster.security,
    onLog: ({ event }) => void log.push(event),
  });
});

afterAll(async () => {
  await client?.close();
  proxy?.close();
  await cluster?.close();
});

test("results, large values and new calls survive three cuts", async () => {
  const make = (n: number) => new Float64Array(20_000).fill(n);
  const large = client.map(make, [[1, 2, 3]]);
  const slow = client.map(slowly, [Array.from({ length: 60 }, (_, i) => i)]);
  const meanwhile = [];
  for (let round = 0; round < 3; round++) {
    await delay(150);
    proxy.cut();
    meanwhile.push(client.submit(double, [round]));
    await delay(100);
    proxy.mend();
    await vi.waitFor(() => expect(log.filter((e) => e === "reconnected").length).toBe(round + 1), {
      timeout: 20_000,
    });
  }
  expect(await client.gather(slow)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  expect(await client.gather(meanwhile)).toEqual([0, 2, 4]);
  expect((await client.gather(large)).map((array) => array[19_999])).toEqual([1, 2, 3]);
});

test("what was released without a connection is freed after it", async () => {
  const kept = client.submit(double, [10], { key: "kept" });
  const dropped = client.submit(double, [11], { key: "dropped" });
  await Promise.all([kept.wait(), dropped.wait()]);
  const before = log.filter((event) => event === "reconnected").length;
  proxy.cut();
  await vi.waitFor(() => expect(log.at(-1)).toBe("connection-lost"));
  dropped.release();
  proxy.mend();
  await vi.waitFor(
    () => expect(log.filter((event) => event === "reconnected").length).toBe(before + 1),
    { timeout: 20_000 },
  );
  await vi.waitFor(async () => {
    const held = [...(await client.hasWhat()).values()].flat();
    expect([held.includes("kept"), held.includes("dropped")]).toEqual([true, false]);
  });
  expect(await kept.result()).toBe(20);
});
