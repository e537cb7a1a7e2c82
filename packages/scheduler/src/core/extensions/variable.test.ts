// Variables as dask's clients use them: data and futures, waiting, and who keeps a key alive.
import type { Serialized } from "@acme/protocol";
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";

function world(): ExtensionWorld {
  const made = new ExtensionWorld();
  made.worker();
  made.client("c1");
  made.client("c2");
  return made;
}

const set = { op: "variable_set" as const, name: "x" };
const get = { op: "variable_get" as const, name: "x", client: "c2" };
const confirm = { op: "variable-future-received-confirm" as const, name: "x", key: "a" };

it("gives back data, also that of falsy kinds, and the latest", () => {
  const w = world();
  for (const data of [1, "text", null, 0, false, [1, [2]], new Map([["k", new Uint8Array(2)]])]) {
    expect(w.answer({ ...set, data })).toBeNull();
    expect(w.answer(get)).toEqual({ type: "msgpack", value: data });
  }
});

it("lets clients wait for a value, for as long as they want", () => {
  const w = world();
  const patient = w.ask(get);
  const hasty = w.ask({ ...get, timeout: 0.2 });
  expect(w.answer({ ...get, timeout: 0 })).toContain("TimeoutError");
  expect(w.wakeAtMs).toBe(w.nowMs + 200);
  w.pass(200);
  expect(w.reply(hasty)).toContain("TimeoutError");
  expect(w.reply(patient)).toBeUndefined();
  w.ask({ ...set, data: 5 });
  expect(w.reply(patient)).toEqual({ type: "msgpack", value: 5 });
});

it("keeps a future alive until it is replaced, and a taken one until that is confirmed", () => {
  const w = world();
  w.submit("c1", "a");
  w.finish("a");
  expect(w.answer({ ...set, key: "a" })).toBeNull();
  w.say("c1", { op: "client-releases-keys", keys: ["a"] });
  expect(w.has("a")).toBe(true);

  const record = w.answer(get) as { token: string };
  expect(record).toMatchObject({ type: "Future", value: "a", state: "memory" });
  w.ask({ ...set, data: 1 });
  expect(w.has("a")).toBe(true);
  w.say("c2", { ...confirm, token: record.token });
  expect(w.told.get("c2")?.at(-1)).toMatchObject({ op: "key-in-memory", key: "a" });
  expect(w.state.clients.has("variable-x" as never)).toBe(false);
  expect(w.has("a")).toBe(true);
  w.say("c2", { op: "client-releases-keys", keys: ["a"] });
  expect(w.has("a")).toBe(false);
});

it("does not wait for the confirmation of a client that is gone", () => {
  const w = world();
  w.submit("c1", "a");
  w.finish("a");
  w.ask({ ...set, key: "a" });
  w.ask(get);
  w.say("c1", { op: "variable_delete", name: "x" });
  w.say("c1", { op: "client-releases-keys", keys: ["a"] });
  expect(w.has("a")).toBe(true);
  w.lose("c2");
  expect(w.has("a")).toBe(false);
  expect(w.state.extensions.variables.size).toBe(0);
});

it("waits for a future whose graph has not come yet, but not for ever", () => {
  const w = world();
  const early = w.ask({ ...set, key: "a", timeout: 30 });
  const never = w.ask({ ...set, name: "y", key: "b", timeout: 1 });
  w.pass(1000);
  expect(w.reply(never)).toBe("TimeoutError: Task b unknown to scheduler.");
  w.submit("c1", "a");
  expect(w.reply(early)).toBeNull();
  expect(w.answer(get)).toMatchObject({ type: "Future", value: "a", state: "processing" });
});

it("tells of errors and of what is lost", () => {
  const w = world();
  w.submit("c1", "a");
  w.ask({ ...set, key: "a" });
  w.finish("a", "ValueError: no");
  const { state, exception, traceback } = w.answer(get) as {
    state: string;
    exception: Serialized;
    traceback: unknown;
  };
  expect([state, exception.header.get("error"), traceback]).toEqual([
    "erred",
    "ValueError: no",
    null,
  ]);
  w.ask({ op: "restart", client: "c1", wait_for_workers: false });
  expect(w.answer(get)).toMatchObject({ type: "Future", value: "a", state: "lost" });
});

it("forgets a request whose connection is gone", () => {
  const w = world();
  const asked = w.ask(get);
  w.abandon(asked);
  expect(w.state.extensions.waiting.size + w.state.extensions.variables.size).toBe(0);
  w.ask({ ...set, data: 1 });
  expect(w.reply(asked)).toBeUndefined();
});
