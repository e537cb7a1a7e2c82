// The store does the core's orders one after another and tells what came of them.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Serialized, type TaskKey, taskKey } from "@acme/protocol";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { WorkerEvent } from "../core/events.js";
import type { StoredValue } from "./spill-files.js";
import { ValueStore } from "./value-store.js";

const a = taskKey("a");
const b = taskKey("b");
const value = (text: string): Serialized => Serialized.acme([new TextEncoder().encode(text)]);

let folder: string;
let spillFolder: string;
let events: WorkerEvent[];
let problems: Error[];
let served: { requestId: number; keys: TaskKey[] }[];
let results: Map<number, StoredValue>;
let store: ValueStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "acme-store-"));
  spillFolder = join(folder, "spill");
  [events, problems, served, results] = [[], [], [], new Map()];
  store = new ValueStore({
    spillFolder,
    takeResult: (orderId) => results.get(orderId),
    onEvent: (event) => events.push(event),
    serve: async (requestId, values) => {
      served.push({ requestId, keys: [...values.keys()] });
    },
    onProblem: (error) => problems.push(error),
  });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

function keepResult(key: TaskKey, text: string): void {
  results.set(1, value(text));
  store.apply([{ type: "keep", key, source: "order", id: 1 }]);
}

it("keeps values from orders, fetches and requests", () => {
  store.offer("fetch", 1, new Map([[b, value("from a peer")]]));
  keepResult(a, "computed");
  store.apply([{ type: "keep", key: b, source: "fetch", id: 1 }]);
  expect(store.get(a)?.nbytes).toBe(8);
  expect(store.get(b)?.nbytes).toBe(11);
});

it("has no value to keep once its event was dealt with", () => {
  store.offer("fetch", 7, new Map([[a, value("late")]]));
  store.settle("fetch", 7);
  expect(() => store.apply([{ type: "keep", key: a, source: "fetch", id: 7 }])).toThrow(/no value/);
});

it("spills to a file and loads it back", async () => {
  keepResult(a, "spilled");
  store.apply([{ type: "spill", key: a }]);
  await vi.waitFor(() => expect(events).toMatchObject([{ type: "spilled", key: a, ok: true }]));
  expect(store.get(a)).toBeUndefined();
  expect(await readdir(spillFolder)).toHaveLength(1);
  store.apply([{ type: "load", key: a }]);
  await vi.waitFor(() => expect(events[1]).toEqual({ type: "loaded", key: a, ok: true }));
  expect(store.get(a)?.nbytes).toBe(7);
  expect(await readdir(spillFolder)).toHaveLength(1);
});

it("does not write a value again that is in a file already", async () => {
  keepResult(a, "spilled");
  store.apply([{ type: "spill", key: a }]);
  await vi.waitFor(() => expect(events).toHaveLength(1));
  const [file] = await readdir(spillFolder);
  for (let turn = 0; turn < 2; turn++) {
    store.apply([{ type: "load", key: a }]);
    await vi.waitFor(() => expect(store.get(a)?.nbytes).toBe(7));
    store.apply([{ type: "unload", key: a }]);
    expect(store.get(a)).toBeUndefined();
    expect(await readdir(spillFolder)).toEqual([file]);
  }
  store.apply([{ type: "drop", key: a }]);
  await vi.waitFor(async () => expect(await readdir(spillFolder)).toEqual([]));
});

it("says nothing more of a key that was dropped while it was being spilled", async () => {
  keepResult(a, "gone");
  store.apply([
    { type: "spill", key: a },
    { type: "drop", key: a },
  ]);
  await vi.waitFor(async () => expect(await readdir(spillFolder)).toEqual([]));
  expect(events).toEqual([]);
});

it("keeps a value in memory when the disk does not take it", async () => {
  await writeFile(spillFolder, "a file where the folder should be");
  keepResult(a, "stays");
  store.apply([{ type: "spill", key: a }]);
  await vi.waitFor(() => expect(events).toMatchObject([{ type: "spilled", key: a, ok: false }]));
  expect(store.get(a)?.nbytes).toBe(5);
  expect(events[0]).toMatchObject({ problem: expect.stringContaining(spillFolder) });
});

it("serves what it has in memory and tells when it is over", async () => {
  keepResult(a, "asked for");
  store.apply([{ type: "serve", requestId: 4, keys: [a, b] }]);
  await vi.waitFor(() => expect(events).toEqual([{ type: "served", requestId: 4 }]));
  expect(served).toEqual([{ requestId: 4, keys: [a] }]);
});
