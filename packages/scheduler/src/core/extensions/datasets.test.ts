// Published datasets: order with the client's stream, keys kept alive, names taken.
import { Serialized } from "@acme/protocol";
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";

const data = new Serialized({ serializer: "pickle" }, [new Uint8Array(10)]);
const other = new Serialized({ serializer: "pickle" }, [new Uint8Array(20)]);

function world(): ExtensionWorld {
  const made = new ExtensionWorld();
  made.worker();
  made.client("c1");
  made.client("c2");
  return made;
}

const put = (uid: string, names: (string | [string, number])[], keys: string[][] = []) => ({
  op: "publish_put" as const,
  names,
  keys: names.map((_, i) => keys[i] ?? []),
  data: names.map(() => data),
  override: false,
  client: "c1",
  uid,
});
const flush = (uid: string) => ({ op: "publish_flush_batched_send" as const, uid });
const get = (...names: (string | [string, number])[]) => ({ op: "publish_get" as const, names });

it("publishes after what its client sent before, whichever comes first", () => {
  const w = world();
  const early = w.ask(put("u1", ["a"]));
  expect([w.reply(early), w.answer({ op: "publish_list" })]).toEqual([undefined, []]);
  w.say("c1", flush("u1"));
  expect(w.reply(early)).toBeNull();
  w.say("c1", flush("u2"));
  expect(w.answer(put("u2", ["b"]))).toBeNull();
  expect(w.answer(get("a", "none", "b"))).toEqual([{ data, keys: [] }, null, { data, keys: [] }]);
});

it("keeps keys alive until it is deleted or replaced", () => {
  const w = world();
  for (const key of ["x", "y"]) {
    w.submit("c1", key);
    w.finish(key);
  }
  w.say("c1", flush("u1"));
  w.ask(put("u1", ["d"], [["x", "y"]]));
  w.lose("c1");
  expect([w.has("x"), w.has("y")]).toEqual([true, true]);
  expect(w.answer(get("d"))).toEqual([{ data, keys: ["x", "y"] }]);

  w.say("c2", flush("u2"));
  w.ask({ ...put("u2", ["d"], [["y"]]), override: true, data: [other], client: "c2" });
  expect([w.has("x"), w.has("y"), w.state.extensions.heldBytes]).toEqual([
    false,
    true,
    other.nbytes,
  ]);
  w.say("c2", flush("u3"));
  w.ask({ op: "publish_delete", names: ["d", "none"], client: "c2", uid: "u3" });
  expect([w.has("y"), w.state.extensions.heldBytes]).toEqual([false, 0]);
});

it("lists names of all kinds as Python sorts their text, and takes none twice", () => {
  const w = world();
  for (const uid of ["u1", "u2"]) w.say("c1", flush(uid));
  w.ask(put("u1", ["b", ["t", 1], "a"]));
  expect(w.answer({ op: "publish_list" })).toEqual([["t", 1], "a", "b"]);
  expect(w.answer(put("u2", ["a"]))).toBe("KeyError: Dataset a already exists");
});

it("does not wait for the mark of a client that is gone", () => {
  const w = world();
  const mine = w.ask(put("u1", ["a"]));
  const stranger = w.ask({ ...put("u2", ["b"]), client: "nobody" });
  w.pass(30_000);
  expect([w.reply(mine), w.reply(stranger)].join()).toMatch(/^,TimeoutError/);
  w.say("c1", flush("unused"));
  w.lose("c1");
  expect(w.reply(mine)).toContain("TimeoutError");
  const { waiting, flushing, flushed } = w.state.extensions;
  expect([waiting.size, flushing.size, flushed.size]).toEqual([0, 0, 0]);
});
