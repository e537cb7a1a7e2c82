// Gathers from real servers that are busy, gone, or without the value.
import { type Listener, listen, RpcPool, serve } from "@acme/comm";
import { encodeMessage, Serialized, taskKey, type WorkerAddress } from "@acme/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { gather } from "./gather.js";

let pool: RpcPool;
const listeners: Listener[] = [];
const missing: [string, string[]][] = [];

beforeEach(() => {
  pool = new RpcPool();
  missing.length = 0;
});
afterEach(async () => {
  await pool.close();
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

const value = (text: string) => new Serialized({ serializer: "acme" }, encodeMessage([text]));

/** A worker that holds these keys and says busy the first times. */
async function holder(keys: string[], busyTimes = 0, asked: string[][] = []) {
  let busy = busyTimes;
  const listener = await listen("tcp://127.0.0.1:0", {
    onConnection: (connection) =>
      void serve(connection, {
        get_data: (request) => {
          const wanted = request.get("keys") as string[];
          asked.push(wanted);
          busy -= 1;
          if (busy >= 0) return { status: "busy" };
          const held = wanted.filter((key) => keys.includes(key));
          return { status: "OK", data: new Map(held.map((key) => [key, value(key)])) };
        },
      }),
  });
  listeners.push(listener);
  return listener.address as WorkerAddress;
}

const gone = "tcp://127.0.0.1:1" as WorkerAddress;
const keysOf = (...keys: string[]) => keys.map((key) => taskKey(key));

function options(holders: Record<string, WorkerAddress[]>, signal?: AbortSignal) {
  return {
    pool,
    signal,
    holders: (key: string) => holders[key] ?? [],
    nbytes: (key: string) => (key === "large" ? 1_000 : 40),
    onMissing: (address: string, keys: readonly string[]) => missing.push([address, [...keys]]),
    limits: {
      gatherBusyPauseMs: 5,
      gatherBusyMaxMs: 200,
      gatherKeysPerMessage: 2,
      gatherBytesPerMessage: 100,
    },
  };
}

it("asks another holder when one is gone or has it no more, and reports those", async () => {
  const empty = await holder([]);
  const full = await holder(["a"]);
  const found = await gather(keysOf("a", "a"), options({ a: [gone, empty, full] }));
  expect([...found.values.keys()]).toEqual(["a"]);
  expect(found.missing).toEqual([]);
  expect(missing).toEqual([
    [gone, ["a"]],
    [empty, ["a"]],
  ]);
});

it("waits for a busy holder and never reports it as without the value", async () => {
  const busy = await holder(["a"], 5);
  const found = await gather(keysOf("a"), options({ a: [busy] }));
  expect(found.values.size).toBe(1);
  expect(missing).toEqual([]);
});

it("gives up on a holder that is busy for ever; its replica stays", async () => {
  const busy = await holder(["a"], 1e9);
  const found = await gather(keysOf("a", "b"), options({ a: [busy] }));
  expect(found.missing.toSorted()).toEqual(["a", "b"]);
  expect(missing).toEqual([]);
});

it("spreads keys over holders, with a bound on each message", async () => {
  const asked: string[][] = [];
  const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const two = [await holder(keys, 0, asked), await holder(keys, 0, asked)];
  const found = await gather(
    keysOf(...keys),
    options(Object.fromEntries(keys.map((k) => [k, two]))),
  );
  expect(found.values.size).toBe(8);
  expect(asked.map((batch) => batch.length)).toEqual([2, 2, 2, 2]);
});

it("asks one worker for one message after another, none of them too large for it", async () => {
  const asked: string[][] = [];
  const keys = ["a", "b", "c", "d", "e"];
  const only = await holder([...keys, "large"], 0, asked);
  const all = [...keys, "large"];
  const wanted = options(Object.fromEntries(all.map((key) => [key, [only]])));
  const limits = { ...wanted.limits, gatherKeysPerMessage: 10 };
  const found = await gather(keysOf(...all), { ...wanted, limits });
  expect(found.values.size).toBe(6);
  expect(asked).toEqual([["a", "b"], ["c", "d"], ["e"], ["large"]]);
});

it("stops asking when nobody waits any more", async () => {
  const asked: string[][] = [];
  const busy = await holder(["a"], 1e9, asked);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 30);
  await gather(keysOf("a"), options({ a: [busy] }, stop.signal));
  // A question that was on its way may still arrive.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const times = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked.length).toBe(times);
  expect(missing).toEqual([]);
});
