// What clients share by name: two clients of one cluster, a scheduler and workers, all real.
import { setTimeout as delay } from "node:timers/promises";
import {
  Client,
  Event,
  Future,
  LocalCluster,
  Lock,
  Queue,
  Semaphore,
  Variable,
} from "@acme/client";
import { afterAll, beforeAll, expect, test } from "vitest";

let cluster: LocalCluster;
let one: Client;
let two: Client;

beforeAll(async () => {
  cluster = await LocalCluster.start({ nWorkers: 1, threadsPerWorker: 2, logLevel: "error" });
  one = await Client.connect(cluster);
  two = await Client.connect(cluster);
});

afterAll(async () => {
  await one?.close();
  await two?.close();
  await cluster?.close();
});

const timedOut = { code: "TIMEOUT", timeoutMs: 50 };

test("a variable holds plain data of all kinds, and is waited for", async () => {
  const [mine, theirs] = [new Variable("v", one), new Variable("v", two)];
  await expect(theirs.get({ timeoutMs: 50 })).rejects.toMatchObject(timedOut);
  const waiting = theirs.get();
  const values = [{ a: [1, null, "x"] }, new Uint8Array([1, 2]), 2n ** 60n, false, 1.5];
  for (const value of values) {
    await mine.set(value);
    expect(await theirs.get()).toEqual(value);
  }
  expect(await waiting).toEqual(values[0]);
  await expect(mine.set(new Date() as never)).rejects.toMatchObject({ code: "WIRE_FORMAT" });
  const stop = new AbortController();
  const never = new Variable("never", one).get({ signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(never).rejects.toThrow("enough");
});

test("a future in a variable lives until it is taken away, and is handed on by its key", async () => {
  const variable = new Variable<Future<number[]>>("future", one);
  const future = one.submit((n: number) => Array.from({ length: n }, (_, i) => i), [3]);
  await variable.set(future);
  await future.wait();
  future.release();
  await delay(100);
  const taken = await new Variable<Future<number[]>>("future", two).get();
  expect(taken).toBeInstanceOf(Future);
  expect(await taken.result()).toEqual([0, 1, 2]);
  variable.delete();
  await delay(100);
  expect(taken.status).toBe("finished");
  const again = two.submit((list: number[]) => list.length, [taken as never]);
  expect(await again.result()).toBe(3);
});

test("a queue keeps order, is full, and gives batches and futures", async () => {
  const [mine, theirs] = [new Queue<number>("q", one, { maxSize: 2 }), new Queue<number>("q", two)];
  await mine.put(1);
  await mine.put(2);
  await expect(mine.put(3, { timeoutMs: 50 })).rejects.toMatchObject(timedOut);
  const late = mine.put(3);
  expect([await theirs.get(), await theirs.get(), await theirs.get()]).toEqual([1, 2, 3]);
  await late;
  await expect(theirs.get({ timeoutMs: 50 })).rejects.toMatchObject(timedOut);
  const three = new Queue<number>("batches", two).getBatch(3);
  const batches = new Queue<number>("batches", one);
  for (const i of [1, 2, 3, 4]) await batches.put(i);
  expect([await three, await batches.size(), await batches.getBatch()]).toEqual([
    [1, 2, 3],
    1,
    [4],
  ]);

  const futures = new Queue<Future<number>>("futures", one);
  await futures.put(one.submit((x: number) => 2 * x, [21]));
  expect(await (await new Queue<Future<number>>("futures", two).get()).result()).toBe(42);
  for (const queue of [mine, theirs, batches, futures]) queue.close();
});

test("an event wakes those who wait", async () => {
  const [mine, theirs] = [new Event("e", one), new Event("e", two)];
  expect([await theirs.isSet(), await theirs.wait({ timeoutMs: 20 })]).toEqual([false, false]);
  const waiting = theirs.wait();
  await mine.set();
  expect([await waiting, await theirs.isSet()]).toEqual([true, true]);
  await theirs.clear();
  expect(await mine.isSet()).toBe(false);
});

test("leases and locks keep others out, and those of a client that is gone come free", async () => {
  const options = { leases: 2 };
  const [mine, theirs] = [new Semaphore("s", one, options), new Semaphore("s", two, options)];
  expect([await mine.acquire(), await theirs.acquire()]).toEqual([true, true]);
  expect([await theirs.acquire({ timeoutMs: 20 }), await mine.value()]).toEqual([false, 2]);
  await mine.release();
  await expect(mine.release()).rejects.toMatchObject({ code: "FUTURE_USE" });
  expect(await theirs.acquire({ timeoutMs: 20 })).toBe(true);
  await theirs.close();

  let inside = 0;
  const alone = async (client: Client) =>
    new Lock("lock", client).use(async () => {
      inside += 1;
      await delay(5);
      return inside--;
    });
  expect(await Promise.all([one, two, one, two].map(alone))).toEqual([1, 1, 1, 1]);

  const dying = await Client.connect(cluster);
  const short = { leaseTimeoutMs: 1_000 };
  await new Semaphore("mortal", dying, short).acquire();
  const heir = new Semaphore("mortal", one, short);
  expect(await heir.acquire({ timeoutMs: 1_500 })).toBe(false);
  await dying.close();
  expect(await heir.acquire({ timeoutMs: 10_000 })).toBe(true);
  await delay(3_000);
  expect(await new Semaphore("mortal", two, short).acquire({ timeoutMs: 100 })).toBe(false);
  await heir.close();
  expect(await new Lock("lock", one).locked()).toBe(false);
});
