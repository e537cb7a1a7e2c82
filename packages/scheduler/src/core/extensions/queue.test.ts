// Queues as dask's clients use them: order, room, batches, waiting, and who keeps a key alive.
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";

function world(maxsize = 0): ExtensionWorld {
  const made = new ExtensionWorld();
  made.worker();
  made.client("c1");
  made.client("c2");
  made.ask({ op: "queue_create", name: "q", maxsize });
  return made;
}

const put = (data: unknown) => ({ op: "queue_put" as const, name: "q", data });
const get = { op: "queue_get" as const, name: "q" };
const size = { op: "queue_qsize" as const, name: "q" };
const data = (value: unknown) => ({ type: "msgpack", value });

it("gives items back in order, to those who wait in order", () => {
  const w = world();
  const [first, second] = [w.ask(get), w.ask(get)];
  w.ask(put(1));
  w.ask(put(2));
  w.ask(put(3));
  expect([w.reply(first), w.reply(second), w.answer(size)]).toEqual([data(1), data(2), 1]);
  expect(w.answer(get)).toEqual(data(3));
});

it("makes those wait who bring more than there is room for", () => {
  const w = world(1);
  expect(w.answer(put("a"))).toBeNull();
  const [waiting, hasty] = [w.ask(put("b")), w.ask({ ...put("c"), timeout: 0.1 })];
  expect(w.answer({ ...put("d"), timeout: 0 })).toContain("TimeoutError");
  w.pass(100);
  expect(w.reply(hasty)).toContain("TimeoutError");
  expect([w.reply(waiting), w.answer(get), w.reply(waiting)]).toEqual([undefined, data("a"), null]);
  expect([w.answer(get), w.answer(size)]).toEqual([data("b"), 0]);
});

it("gives batches: all there is, or so many as soon as they are there", () => {
  const w = world();
  expect(w.answer({ ...get, batch: true })).toEqual([]);
  w.ask(put(1));
  w.ask(put(2));
  expect(w.answer({ ...get, batch: false })).toEqual(data(1));
  const three = w.ask({ ...get, batch: 3 });
  w.ask(put(3));
  expect([w.reply(three), w.answer(size)]).toEqual([undefined, 0]);
  w.ask(put(4));
  expect(w.reply(three)).toEqual([data(2), data(3), data(4)]);
  expect(w.answer({ ...get, batch: 2, timeout: 1 })).toContain("NotImplementedError");
  w.ask(put(5));
  expect(w.answer({ ...get, batch: true })).toEqual([data(5)]);
});

it("puts back what somebody took who is gone before the batch was full", () => {
  const w = world();
  w.ask(put(1));
  const two = w.ask({ ...get, batch: 2 });
  const one = w.ask(get);
  w.abandon(two);
  expect([w.reply(one), w.answer(size)]).toEqual([data(1), 0]);
});

it("keeps a future alive until whoever took it has said so", () => {
  const w = world();
  w.submit("c1", "a");
  w.finish("a");
  w.ask({ op: "queue_put", name: "q", key: "a" });
  w.ask({ op: "queue_put", name: "q", key: "a" });
  w.say("c1", { op: "client-releases-keys", keys: ["a"] });
  for (const left of [1, 0]) {
    expect(w.answer(get)).toEqual({ type: "Future", value: "a", state: "memory" });
    w.say("c2", { op: "queue-future-release", name: "q", key: "a" });
    expect(w.told.get("c2")?.at(-1)).toMatchObject({ op: "key-in-memory", key: "a" });
    w.say("c2", { op: "client-releases-keys", keys: ["a"] });
    expect(w.has("a")).toBe(left > 0);
  }
});

it("goes with the last of its users, and with it what is in it and who waits", () => {
  const w = world(1);
  w.ask({ op: "queue_create", name: "q", maxsize: 1 });
  w.submit("c1", "a");
  w.ask({ op: "queue_put", name: "q", key: "a" });
  w.say("c1", { op: "client-releases-keys", keys: ["a"] });
  const waiting = w.ask(put(2));
  w.say("c1", { op: "queue_release", name: "q" });
  expect([w.answer(size), w.has("a")]).toEqual([1, true]);
  w.say("c2", { op: "queue_release", name: "q" });
  expect(w.has("a")).toBe(false);
  expect(w.reply(waiting)).toContain("KeyError");
  expect([w.answer(size), w.answer(get), w.answer(put(1))].join()).toMatch(/(KeyError.*){3}/);
  const { heldBytes, heldItems, queueRefs } = w.state.extensions;
  expect([heldBytes, heldItems, queueRefs.size]).toEqual([0, 0, 0]);
});

it("takes many items from the front in good time", () => {
  const w = world();
  const { state } = w;
  const items = Array.from({ length: 200_000 }, (_, i) => ({ key: null, value: i, bytes: 8 }));
  const queue = state.extensions.queues.get("q" as never);
  if (queue !== undefined) queue.items = items;
  Object.assign(state.extensions, { heldItems: items.length, heldBytes: items.length * 8 });
  const all = w.answer({ ...get, batch: true }) as { value: number }[];
  expect(all.map(({ value }) => value)).toEqual(items.map(({ value }) => value));
});

it("keeps what it handed out until it is confirmed, or nobody is left who could confirm it", () => {
  const w = world();
  w.submit("c1", "x");
  w.finish("x");
  w.submit("c1", "y");
  w.finish("y");
  for (const key of ["x", "y", "y"]) w.ask({ op: "queue_put", name: "q", key });
  expect([w.answer(get), w.answer(get)]).toMatchObject([{ value: "x" }, { value: "y" }]);
  w.lose("c1");
  expect([w.has("x"), w.has("y")]).toEqual([true, true]);
  w.lose("c2");
  expect([w.has("x"), w.has("y")]).toEqual([false, true]);
  w.client("c3");
  expect(w.answer(get)).toMatchObject({ value: "y" });
  w.lose("c3");
  expect(w.has("y")).toBe(false);
});
