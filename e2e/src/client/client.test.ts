// A client, a scheduler in its thread and worker processes, all real.
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  asCompleted,
  Client,
  compute,
  delayed,
  type Future,
  LocalCluster,
  ref,
  wait,
} from "@acme/client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const add = (a: number, b: number): number => a + b;
const double = (x: number): number => 2 * x;
const sleep = async (ms: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};

let cluster: LocalCluster;
let client: Client;

beforeAll(async () => {
  cluster = await LocalCluster.start({ nWorkers: 2, threadsPerWorker: 1, logLevel: "error" });
  client = await Client.connect(cluster);
  await client.waitForWorkers(2, { timeoutMs: 60_000 });
});

afterAll(async () => {
  await client?.close();
  await cluster?.close();
});

describe("calls", () => {
  test("futures stand for their values, also deep inside arguments", async () => {
    const three = client.submit(add, [1, 2]);
    const six = client.submit(double, [three]);
    const deep = (x: { list: number[] }) => x.list.reduce((a, b) => a + b);
    const nested = client.submit(deep as (x: unknown) => number, [{ list: [three, six, 1] }]);
    expect(await nested.result()).toBe(10);
  });

  test("a map of a thousand calls, in order", async () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    const futures = client.map(double, [numbers]);
    expect(await client.gather(futures)).toEqual(numbers.map(double));
  });

  test("pure calls run once, impure ones each time", async () => {
    const random = (_: number) => Math.random();
    const pure = [client.submit(random, [1]), client.submit(random, [1])];
    const [a, b] = await client.gather(pure);
    expect(a).toBe(b);
    const impure = [1, 2].map(() => client.submit(random, [1], { pure: false }));
    const [c, d] = await client.gather(impure);
    expect(c).not.toBe(d);
  });

  test("remote errors keep name, message, cause and the line that threw; others need not fail", async () => {
    const fail = (text: string): number => {
      throw new RangeError(text, { cause: new Error("deeper") });
    };
    const future = client.submit(fail, ["too much"]);
    const needs = client.submit(double, [future]);
    const error = (await future.result().catch((e) => e)) as RangeError;
    expect(error).toBeInstanceOf(RangeError);
    expect([error.message, (error.cause as Error).message]).toEqual(["too much", "deeper"]);
    expect(error.stack).toMatch(/client\.test\.ts:\d+/);
    await expect(needs.result()).rejects.toThrow("too much");
    expect(await client.gather([future, 1], { errors: "skip" })).toEqual([undefined, 1]);
  });

  test("retries and retry()", async () => {
    const { mkdtempSync } = await import("node:fs");
    const folder = mkdtempSync("/tmp/acme-retry-");
    const flaky = async (path: string, failures: number) => {
      const fs = await import("node:fs");
      const before = fs.readdirSync(path).length;
      fs.writeFileSync(`${path}/${before}`, "");
      if (before < failures) throw new Error(`failure ${before}`);
      return before;
    };
    const twice = client.submit(flaky, [folder, 2], { retries: 2 });
    expect(await twice.result()).toBe(2);
    const other = mkdtempSync("/tmp/acme-retry-");
    const once = client.submit(flaky, [other, 1]);
    await expect(once.result()).rejects.toThrow("failure 0");
    await once.retry();
    expect(await once.result()).toBe(1);
  });

  test("delayed calls, explicit graphs, a deep chain and a wide tree", async () => {
    const lazy = delayed(add);
    const base = lazy(1, 2);
    expect(await compute(lazy(base, base), lazy(base, 10), { client })).toEqual([6, 13]);
    const { y } = client.compute({ x: 4, y: [add, ref("x"), 1] }, { keys: ["y"] });
    expect(await y.result()).toBe(5);
    let chain = lazy(0, 1);
    for (let i = 0; i < 300; i++) chain = lazy(chain, 1);
    let level = Array.from({ length: 256 }, (_, i) => lazy(i, 0));
    while (level.length > 1) {
      level = level.flatMap((each, i) => (i % 2 === 0 ? [lazy(each, level[i + 1]!)] : []));
    }
    expect(await compute(chain, level[0]!, { client })).toEqual([301, (255 * 256) / 2]);
  });
});

describe("values", () => {
  test("large values come back whole, and can be arguments", async () => {
    const make = (n: number) => new Float64Array(n).map((_, i) => i);
    const sum = (array: Float64Array) => array.reduce((a, b) => a + b);
    const big = client.submit(make, [200_000]);
    const total = client.submit(sum, [big]);
    expect(await total.result()).toBe((200_000 * 199_999) / 2);
    const value = await big.result();
    expect([value.length, value[199_999]]).toEqual([200_000, 199_999]);
  });

  test("an argument that is changed after the call is sent as it was", async () => {
    const array = new Float64Array(10_000).fill(1);
    const sum = (values: Float64Array) => values.reduce((a, b) => a + b);
    const future = client.submit(sum, [array]);
    await future.submitted();
    array.fill(0);
    expect(await future.result()).toBe(10_000);
  });

  test("scattered values: lists, objects, one copy on every worker", async () => {
    const [list] = await client.scatter([[1, 2, 3]], { broadcast: true });
    const { a } = await client.scatter({ a: 5 });
    const f = (x: number[], y: number) => x.length + y;
    expect(await client.submit(f, [list!, a]).result()).toBe(8);
    const holders = await client.whoHas([list!]);
    expect(holders.get(list!.key)?.length).toBe(2);
    expect(await list!.result()).toEqual([1, 2, 3]);
  });

  test.each([true, false])("large values are each reader's own (direct: %s)", async (direct) => {
    const own = await Client.connect(cluster, { directToWorkers: direct });
    try {
      const sent = new Float64Array(1e5).fill(2);
      const future = await own.scatter(sent);
      const [a, b] = await Promise.all([future.result(), future.result()]);
      const [c] = await own.gather([future]);
      for (const each of [a, b, c]) {
        expect([each!.length, each!.every((x) => x === 2)]).toEqual([1e5, true]);
        each!.fill(0);
      }
      const last = (x: Float64Array) => x[x.length - 1];
      expect(await own.submit(last as (x: unknown) => number, [future]).result()).toBe(2);
      const bytes = (n: number) => new ArrayBuffer(n);
      expect((await own.submit(bytes, [1e6]).result()).byteLength).toBe(1e6);
    } finally {
      await own.close();
    }
  });

  test("what everybody released is freed", async () => {
    const future = client.submit(double, [1234], { key: "released-1" });
    await future.wait();
    expect((await client.whoHas(["released-1"])).get("released-1")?.length).toBe(1);
    future.release();
    await vi.waitFor(async () => {
      const held = [...(await client.hasWhat()).values()].flat();
      expect(held).not.toContain("released-1");
    });
  });

  test("forgotten futures are released", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const keys = Array.from({ length: 50 }, (_, i) => `forgotten-${i}`);
    const make = () => client.map(double, [keys.map((_, i) => i)], { key: keys });
    await wait(make());
    await vi.waitFor(
      async () => {
        collect();
        await delay(10);
        const held = [...(await client.hasWhat()).values()].flat();
        expect(held.filter((key) => key.startsWith("forgotten")).length).toBeLessThan(5);
      },
      { timeout: 10_000 },
    );
  });
});

describe("waiting and giving up", () => {
  test("asCompleted gives the quick one first", async () => {
    const futures: Future<number>[] = [client.submit(sleep, [600]), client.submit(sleep, [20])];
    const order: number[] = [];
    for await (const future of asCompleted(futures)) order.push(await future.result());
    expect(order).toEqual([20, 600]);
  });

  test("a cancelled task that runs is stopped, and its slot is free again", async () => {
    const forever = () => {
      for (;;);
    };
    const futures = [1, 2].map((i) => client.submit(forever, [], { key: `forever-${i}` }));
    await vi.waitFor(async () => {
      const running = [...(await client.processing()).values()].flat();
      expect(running.length).toBe(2);
    });
    await delay(100);
    const start = performance.now();
    await client.cancel(futures);
    await expect(futures[0]!.result()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await client.submit(double, [77]).result({ timeoutMs: 30_000 })).toBe(154);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test("a task restricted to one worker runs there; one that fits nowhere waits", async () => {
    const { workers } = await client.schedulerInfo();
    const [address] = Object.keys(workers);
    const future = client.submit(double, [5], { workers: address!, pure: false });
    await future.wait();
    expect((await client.whoHas([future])).get(future.key)).toEqual([address]);
    const stuck = client.submit(double, [5], { resources: { GPU: 1 }, pure: false });
    await expect(stuck.result({ timeoutMs: 300 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(await client.explain(stuck)).toMatch(/GPU|worker/);
    await stuck.cancel();
  });

  test("questions about the cluster", async () => {
    const future = client.submit(double, [99]);
    await future.wait();
    expect([...(await client.ncores()).values()]).toEqual([1, 1]);
    expect((await client.nbytes([future])).get(future.key)).toBeGreaterThan(0);
    expect((await client.story(future)).length).toBeGreaterThan(0);
    const info = await client.schedulerInfo();
    expect([info.nWorkers, info.totalThreads]).toEqual([2, 2]);
    const versions = await client.getVersions();
    expect(Object.keys(versions).toSorted()).toEqual(["client", "scheduler", "workers"]);
    await expect(client.waitForWorkers(9, { timeoutMs: 150 })).rejects.toThrow(/2 are there/);
  });

  test("values of a worker that is killed are computed again", async () => {
    const slow = client.map(sleep, [Array.from({ length: 20 }, (_, i) => 50 + i)], { pure: false });
    const make = (n: number) => new Float64Array(50_000).fill(n);
    const arrays = client.map(make, [[1, 2, 3, 4, 5, 6]], { pure: false });
    await wait(arrays);
    process.kill(cluster.workerPids[0]!, "SIGKILL");
    const firsts = (await client.gather(arrays)).map((array) => array[0]);
    expect(firsts).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await client.gather(slow)).length).toBe(20);
    await client.waitForWorkers(2, { timeoutMs: 60_000 });
  });

  test("10^4 calls there and back", async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    const start = performance.now();
    const futures = client.map(double, [numbers]);
    const values = await client.gather(futures);
    const ms = performance.now() - start;
    expect(values.every((value, i) => value === 2 * i)).toBe(true);
    console.info(`10^4 calls there and back: ${ms.toFixed(0)} ms, ${(ms / 10).toFixed(1)} µs each`);
    for (const future of futures) future.release();
  });

  test("retired workers leave, a restart cancels", async () => {
    const held = client.submit(double, [4242], { pure: false });
    await held.wait();
    const [leaving] = Object.keys((await client.schedulerInfo()).workers);
    expect(await client.retireWorkers({ workers: [leaving!], timeoutMs: 30_000 })).toEqual([
      leaving,
    ]);
    expect(await held.result()).toBe(8484);
    await client.restart({ timeoutMs: 60_000, waitForWorkers: false });
    await vi.waitFor(() => expect(held.status).toBe("cancelled"));
  });
});
