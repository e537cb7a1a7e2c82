// Clients against a small scheduler over real sockets, for what real ones seldom do on demand:
// hang up, lose data, refuse. Everything else is tested end to end with real processes.
import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Client } from "./client.js";
import { compute } from "./compute.js";
import { currentClient, setCurrentClient } from "./current-client.js";
import type { Future } from "./future.js";
import { delayed } from "./graph/delayed.js";
import { ref } from "./graph/references.js";
import { SmallScheduler, type SmallSchedulerOptions } from "./shell/fixtures/small-scheduler.js";
import { asCompleted, wait } from "./wait.js";

const add = (a: number, b: number): number => a + b;
const double = (x: number): number => 2 * x;
const fail = (text: string): never => {
  throw new RangeError(text, { cause: new Error("deeper") });
};

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(options: SmallSchedulerOptions = {}) {
  const scheduler = await SmallScheduler.start(options);
  open.push(scheduler);
  const log: string[] = [];
  const client = await Client.connect(scheduler.address, {
    onLog: (entry) => void log.push(entry.event),
  });
  open.push(client);
  const ops = () => scheduler.received.map((message) => message.op);
  return { scheduler, client, log, ops };
}

describe("calls", () => {
  test("futures stand for their values, also deep inside arguments", async () => {
    const { client } = await start();
    const three = client.submit(add, [1, 2]);
    const six = client.submit(double, [three]);
    const deep = (x: { list: number[] }) => x.list.reduce(add);
    const nested = client.submit(deep as (x: unknown) => number, [{ list: [three, six, 1] }]);
    expect(await nested.result()).toBe(10);
    expect(nested.status).toBe("finished");
    expect(inspect(nested)).toMatch(/^Future <finished, deep-[0-9a-f]{32}>$/);
  });

  test("the same pure call runs once, an impure one each time", async () => {
    const { scheduler, client } = await start();
    const twice = [client.submit(add, [1, 2]), client.submit(add, [1, 2])];
    expect(await client.gather(twice)).toEqual([3, 3]);
    expect(await twice[0]!.submitted()).toBe(await twice[1]!.submitted());
    const impure = [1, 2].map(() => client.submit(add, [1, 2], { pure: false }));
    expect(await client.gather(impure)).toEqual([3, 3]);
    expect([...scheduler.runs.values()]).toEqual([1, 1, 1]);
  });

  test("map zips its lists, shares `args`, and names calls as told", async () => {
    const { client } = await start();
    const sums = client.map(add, [
      [1, 2, 3],
      [10, 20, 30],
    ]);
    const shared = client.map(add, [[1, 2]], { args: [sums[0]!] });
    expect(await client.gather({ sums, shared })).toEqual({ sums: [11, 22, 33], shared: [12, 13] });
    const named = client.map(double, [[1, 2]], { key: ["a", "b"] });
    expect(named.map((future) => future.key)).toEqual(["a", "b"]);
    expect(client.map(double, [[1]], { key: "prefix" })[0]?.key).toMatch(/^prefix-.*-0$/);
    expect(() => client.map(add, [[1], [1, 2]])).toThrow(/different lengths \(1, 2\)/);
    expect(() => client.map(double, [1] as unknown as [number[]])).toThrow(/one list per argument/);
    expect(() => client.map(double, [[1]], { key: ["a", "b"] })).toThrow(/2 keys for 1 calls/);
    expect(client.map(double, [[]])).toEqual([]);
  });

  test("submit and map say what is no function or no list of arguments", async () => {
    const { client } = await start();
    const submit = client.submit as (...args: unknown[]) => unknown;
    const call = (...args: unknown[]) => submit.apply(client, args);
    expect(() => call(add, 1, 2)).toThrow(/one array, as in submit\(f, \[1, 2\]\)/);
    expect(() => call(5, [])).toThrow(/the first argument of submit\(\) is a function, not number/);
    expect(() => client.map([1] as never, [[1]])).toThrow(/of map\(\) is a function, not object/);
    const nameless = client.submit(
      (
        () => (x: number) =>
          x
      )(),
      [1],
    );
    expect(await nameless.submitted()).toMatch(/^anonymous-[0-9a-f]{32}$/);
  });

  test("a call that cannot be sent fails its future, and what needs it", async () => {
    const { client } = await start();
    const bad = client.submit(((x: unknown) => x) as never, [new WeakMap()] as never);
    const needs = client.submit(double, [bad as Future<number>]);
    await expect(bad.result()).rejects.toMatchObject({ code: "LIVE_OBJECT" });
    await expect(needs.result()).rejects.toMatchObject({ code: "LIVE_OBJECT" });
    expect([bad.status, needs.status]).toEqual(["error", "error"]);
    expect(await bad.exception()).toBeInstanceOf(Error);
  });

  test("remote errors keep name, message, cause and the line that threw", async () => {
    const { client } = await start();
    const future = client.submit(fail, ["too much"]);
    const error = (await future.result().catch((e) => e)) as RangeError;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("too much");
    expect(error.stack).toMatch(/client\.test\.ts:\d+/);
    expect((error.cause as Error).message).toBe("deeper");
    expect(await future.exception()).toMatchObject({ name: "RangeError" });
    expect(await client.gather([future], { errors: "skip" })).toEqual([undefined]);
    await expect(client.gather([future])).rejects.toThrow("too much");
  });

  test("a retry runs a failed task once more", async () => {
    const { scheduler, client } = await start();
    const future = client.submit(fail, ["again"], { key: "x" });
    await future.wait();
    await future.retry();
    await future.wait();
    expect(scheduler.runs.get("x")).toBe(2);
  });

  test("delayed calls and explicit graphs", async () => {
    const { client, scheduler } = await start();
    const lazy = delayed(add);
    const base = lazy(1, 2);
    expect(await compute(lazy(base, base), lazy(base, 10), { client })).toEqual([6, 13]);
    expect(scheduler.runs.size).toBe(3);
    const { y } = client.compute({ x: 4, y: [add, ref("x"), 1] }, { keys: ["y"] });
    expect(await y.result()).toBe(5);
    const { z } = client.compute({ y: [add, 1, 1] } as Record<string, unknown>, { keys: ["z"] });
    await expect(z!.result()).rejects.toThrow("the graph has no task z");
    z!.release();
    await expect(compute(base)).rejects.toMatchObject({ code: "NO_CLUSTER" });
    setCurrentClient(client);
    expect(currentClient()).toBe(client);
    expect(await compute(base)).toEqual([3]);
    await client.close();
    expect(currentClient()).toBeUndefined();
  });

  test("scattered values are futures", async () => {
    const { client } = await start();
    const [list] = await client.scatter([[1, 2, 3]]);
    const { a } = await client.scatter({ a: 5 });
    const one = await client.scatter(new Float64Array(4));
    expect(await client.submit((x: number[], y: number) => x.length + y, [list!, a]).result()).toBe(
      8,
    );
    expect(await one.result()).toEqual(new Float64Array(4));
    const same = await client.scatter(["s", "s"], { hash: true });
    expect(same[0]!.key).toBe(same[1]!.key);
  });
});

describe("values", () => {
  test("large values are gathered, all of them with one request", async () => {
    const { client, scheduler } = await start({ inlineBytes: 0 });
    const futures = client.map(double, [[1, 2, 3]]);
    await wait(futures);
    expect(await client.gather(futures)).toEqual([2, 4, 6]);
    expect(scheduler.requests.length).toBe(1);
  });

  test("a value that is lost is waited for", async () => {
    const { client, scheduler } = await start({ inlineBytes: 0 });
    const future = client.submit(double, [4], { key: "x" });
    await future.wait();
    const outcome = scheduler.outcomes.get("x")!;
    scheduler.outcomes.set("x", "held");
    const result = future.result();
    await vi.waitFor(() => expect(future.status).toBe("lost"));
    scheduler.outcomes.set("x", outcome);
    scheduler.say({ op: "key-in-memory", key: "x" });
    expect(await result).toBe(8);
  });

  test("waiting can end before the task does", async () => {
    const { client, scheduler } = await start();
    scheduler.hold.add("x");
    const future = client.submit(double, [4], { key: "x" });
    await expect(future.result({ timeoutMs: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    const { client: other } = await start();
    const key = await other.submit(double, [5]).submitted();
    scheduler.hold.add(key);
    const late = client.submit(double, [5]).result({ timeoutMs: 50 });
    await expect(late).rejects.toThrow(`the result of ${key} did not happen`);
    const abort = new AbortController();
    const waiting = future.result({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await scheduler.release("x");
    expect(await future.result()).toBe(8);
  });

  test("wait and asCompleted follow the order of ends", async () => {
    const { client, scheduler } = await start();
    for (const key of ["a", "b", "c"]) scheduler.hold.add(key);
    const futures = client.map(double, [[1, 2, 3]], { key: ["a", "b", "c"] });
    await futures[0]!.submitted();
    await vi.waitFor(() => expect(scheduler.outcomes.size).toBe(3));
    const first = wait(futures, { returnWhen: "FIRST_COMPLETED" });
    const order = asCompleted(futures);
    await scheduler.release("b");
    expect([...(await first).done].map((future) => future.key)).toEqual(["b"]);
    await scheduler.release("c");
    await scheduler.release("a");
    const keys: string[] = [];
    for await (const future of order) {
      if (keys.push(future.key) === 1) order.add(client.submit(double, [9], { key: "late" }));
    }
    expect(keys.slice(0, 1)).toEqual(["b"]);
    expect(keys.toSorted()).toEqual(["a", "b", "c", "late"]);
    const erred = client.submit(fail, ["x"]);
    const { done } = await wait([erred, ...futures], { returnWhen: "FIRST_EXCEPTION" });
    expect(done.has(erred)).toBe(true);
  });
});

describe("giving up", () => {
  test("cancel settles at once; the key submitted again is a new task", async () => {
    const { client, scheduler, ops } = await start();
    scheduler.hold.add("x");
    const future = client.submit(double, [4], { key: "x" });
    const result = future.result();
    await future.submitted();
    await future.cancel();
    await expect(result).rejects.toMatchObject({ code: "CANCELLED", key: "x" });
    expect(future.status).toBe("cancelled");
    const again = client.submit(double, [4], { key: "x" });
    await again.submitted();
    await scheduler.release("x");
    expect(await again.result()).toBe(8);
    expect(future.status).toBe("cancelled");
    expect(ops()).toContain("cancel-keys");
  });

  test("one signal for many calls, and no warning of it", async () => {
    const { client } = await start();
    const warned: unknown[] = [];
    const note = (warning: Error) => void warned.push(warning.message);
    process.on("warning", note);
    const { signal } = new AbortController();
    const futures = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((i) =>
      client.submit(double, [i], { signal }),
    );
    await Promise.all(futures.map((future) => future.result({ signal, timeoutMs: 10_000 })));
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("warning", note);
    expect(warned).toEqual([]);
  });

  test("a signal cancels", async () => {
    const { client, scheduler } = await start();
    scheduler.hold.add("x");
    const abort = new AbortController();
    const future = client.submit(double, [4], { key: "x", signal: abort.signal });
    await future.submitted();
    abort.abort();
    await expect(future.result()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(() => client.submit(double, [4], { signal: abort.signal })).toThrow();
  });

  test("release tells the scheduler when the last handle goes, even before it was posted", async () => {
    const { client, ops, scheduler } = await start();
    const first = client.submit(double, [1], { key: "x" });
    const second = client.submit(double, [1], { key: "x" });
    first.release();
    expect(await second.result()).toBe(2);
    expect(ops()).not.toContain("client-releases-keys");
    second[Symbol.dispose]();
    await vi.waitFor(() => {
      expect(scheduler.received.at(-1)).toEqual({ op: "client-releases-keys", keys: ["x"] });
    });
    await expect(second.result()).rejects.toMatchObject({ code: "FUTURE_USE" });
    await expect(client.submit(double, [second]).result()).rejects.toThrow(/released/);
  });

  test("closing cancels what is pending, and everything after is refused", async () => {
    const { client, scheduler } = await start();
    scheduler.hold.add("x");
    const future = client.submit(double, [4], { key: "x" });
    await future.submitted();
    const done = client.submit(double, [5]);
    expect(await done.result()).toBe(10);
    const result = future.result();
    const caught = expect(result).rejects.toMatchObject({ code: "CANCELLED", reason: "closed" });
    await client.close();
    await caught;
    expect(() => client.submit(double, [1])).toThrow(/closed/);
    await expect(done.result()).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    await expect(client.gather([done])).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    await expect(client.schedulerInfo()).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    future.release();
  });
});

describe("connections", () => {
  test("after a lost connection graphs and desires are told again", async () => {
    const { client, scheduler, log } = await start();
    scheduler.hold.add("x");
    const future = client.submit(double, [4], { key: "x" });
    const result = future.result();
    await vi.waitFor(() => expect(scheduler.outcomes.has("x")).toBe(true));
    scheduler.hangUp();
    await vi.waitFor(() => expect(log).toContain("reconnected"));
    expect(scheduler.received.at(-1)).toEqual({
      op: "client-desires-keys",
      keys: ["x"],
      all: true,
    });
    await scheduler.release("x");
    expect(await result).toBe(8);
  });

  test("a scheduler that says goodbye is not sought again", async () => {
    const { client, scheduler } = await start();
    scheduler.hold.add("x");
    const future = client.submit(double, [4], { key: "x" });
    await vi.waitFor(() => expect(scheduler.outcomes.has("x")).toBe(true));
    scheduler.say({ op: "stream-closed" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    scheduler.hangUp();
    await expect(future.result()).rejects.toThrow(/scheduler was closed/);
    expect(client.isOpen).toBe(false);
  });

  test("a scheduler of dask's own and one that refuses are told apart", async () => {
    const python = await SmallScheduler.start({ acme: false });
    open.push(python);
    const client = await Client.connect(python.address);
    // It knows nothing of our values: only what Python can be told of goes there.
    await expect(client.submit(double, [1]).result()).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("importFunction"),
    });
    await client.close();
    const refusing = await SmallScheduler.start({ refuse: "versions differ" });
    open.push(refusing);
    await expect(Client.connect(refusing.address)).rejects.toThrow(/versions differ/);
    await expect(Client.connect("tcp://127.0.0.1:1", { timeoutMs: 200 })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
    for (const target of [8786, {}]) {
      await expect(Client.connect(target as never)).rejects.toThrow(/nothing to connect to/);
    }
    await expect(Client.connect({ schedulerFile: "/no/such/file" })).rejects.toMatchObject({
      code: "CONTACT_FILE",
    });
  });

  test("futures of another client are refused", async () => {
    const [one, two] = [await start(), await start()];
    const future = one.client.submit(double, [1]);
    await expect(two.client.submit(double, [future]).result()).rejects.toThrow(/another client/);
  });
});

test("no promise is rejected behind anybody's back", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  const { client } = await start();
  client.submit(fail, ["nobody asks"]);
  client.submit(double, [new WeakMap() as never]);
  const cancelled = client.submit(double, [1]);
  await cancelled.cancel();
  await client.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

test("a map of 10^4 calls arrives whole", async () => {
  const { client, scheduler } = await start();
  scheduler.hold.has = () => true;
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  const startMs = performance.now();
  const futures = client.map(double, [numbers]);
  await futures[0]!.submitted();
  const named = performance.now() - startMs;
  await vi.waitFor(() => expect(scheduler.outcomes.size).toBe(numbers.length));
  console.info(`map of 10^4: ${(named / 10).toFixed(1)} µs a call until keys are known`);
});
