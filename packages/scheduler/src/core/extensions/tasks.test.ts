// What extensions do beside the task machine: tasks that are fired and forgotten, metadata of those
// that ended, metadata under a task's name; and bounds on what anybody can leave behind.
import type { TaskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";
import { coreLimits } from "../limits.js";

function world(): ExtensionWorld {
  const made = new ExtensionWorld();
  made.worker();
  made.client("c1");
  return made;
}

const fire = (...keys: string[]) => ({
  op: "client-desires-keys" as const,
  keys,
  client: "fire-and-forget",
});

it("runs a task once although nobody wants it any more, and then forgets it", () => {
  const w = world();
  for (const key of ["good", "bad"]) w.submit("c1", key);
  w.say("c1", fire("good", "bad", "unknown"));
  w.say("c1", { op: "client-releases-keys", keys: ["good", "bad"] });
  w.lose("c1");
  expect([w.has("good"), w.has("bad")]).toEqual([true, true]);
  w.finish("good");
  w.finish("bad", "ValueError: no");
  expect([w.has("good"), w.has("bad"), w.state.clients.size]).toEqual([false, false, 0]);
});

it("leaves the result of a fired task to those who want it", () => {
  const w = world();
  w.submit("c1", "a");
  w.say("c1", fire("a"));
  w.finish("a");
  w.say("c1", fire("a"));
  expect([w.has("a"), w.state.clients.size]).toEqual([true, 1]);
});

it("collects how the tasks ended that came since it was started", () => {
  const w = world();
  w.submit("c1", "before");
  w.ask({ op: "start_task_metadata", name: "m" });
  for (const key of ["good", "bad", "open"]) w.submit("c1", key);
  w.finish("before");
  w.finish("good");
  w.finish("bad", "ValueError: no");
  expect(w.answer({ op: "stop_task_metadata", name: "m" })).toEqual({
    metadata: new Map([
      ["good", null],
      ["bad", null],
    ]),
    state: new Map([
      ["good", "memory"],
      ["bad", "erred"],
    ]),
  });
  expect(w.answer({ op: "stop_task_metadata", name: "m" })).toContain("ValueError");
});

it("runs what a running task submits before whatever came after that one", () => {
  const w = world();
  const order = (key: string) => w.state.tasks.get(key as TaskKey)?.order ?? Number.NaN;
  w.submit("c1", "before");
  w.submit("c1", "parent");
  w.submit("c1", "after");
  w.submit("c1", "child", { submitting_task: "parent" });
  w.submit("c1", "grandchild", { submitting_task: "child" });
  w.submit("c1", "orphan", { submitting_task: "nobody" });
  const keys = ["before", "grandchild", "child", "parent", "after", "orphan"];
  expect([...keys].sort((a, b) => order(a) - order(b))).toEqual(keys);
});

it("spreads actors, and loses one with its own worker whoever else holds its handle", () => {
  const w = world();
  w.worker("tcp://w2:1");
  for (const key of ["a", "b"]) w.submit("c1", key, { actors: true });
  const [home, other] = ["a", "b"].map((k) => w.state.tasks.get(k as TaskKey)?.flight?.worker);
  expect(new Set([home?.address, other?.address]).size).toBe(2);
  for (const key of ["a", "b"]) w.finish(key);
  const messages = [{ op: "add-keys" as const, keys: ["a"], stimulus_id: "got" }];
  w.step([{ type: "worker-messages", link: other?.link ?? 0, messages }]);
  w.step([{ type: "worker-gone", link: other?.link ?? 0, reason: "lost" }]);
  expect(w.state.tasks.get("a" as TaskKey)?.state).toBe("memory");
  expect(w.state.tasks.get("b" as TaskKey)?.state).toBe("erred");
  w.submit("c1", "c", { actors: ["c"] });
  expect(w.state.tasks.get("c" as TaskKey)?.flight?.worker.address).toBe(home?.address);
  w.say("c1", { op: "client-releases-keys", keys: ["a", "b", "c"] });
  expect(w.state.actors.size).toBe(0);
});

it("errs an actor whose handle is all that is left", () => {
  const w = world();
  w.worker("tcp://w2:1");
  w.submit("c1", "a", { actors: true });
  const home = w.state.tasks.get("a" as TaskKey)?.flight?.worker;
  const other = [...w.state.workers.values()].find((one) => one !== home);
  w.finish("a");
  const messages = [{ op: "add-keys" as const, keys: ["a"], stimulus_id: "got" }];
  w.step([{ type: "worker-messages", link: other?.link ?? 0, messages }]);
  const gone = w.state.workers.get(home?.address as never)?.link ?? 0;
  w.step([{ type: "worker-gone", link: gone, reason: "lost" }]);
  expect(w.state.tasks.get("a" as TaskKey)?.state).toBe("erred");
});

it("drops what was noted under the name of a task together with the task", () => {
  const w = world();
  w.submit("c1", "a");
  w.ask({ op: "set_metadata", keys: ["a", "note"], value: 1 });
  w.ask({ op: "set_metadata", keys: ["else"], value: 2 });
  w.say("c1", { op: "client-releases-keys", keys: ["a"] });
  expect([...w.state.metadata]).toEqual([["else", 2]]);
  expect(w.state.metadataEntries).toBe(1);
});

it("takes so many names, items and bytes, and no more", () => {
  const w = world();
  const { extensions } = w.state;
  w.ask({ op: "queue_create", name: "q" });
  for (let i = extensions.queues.size; i < coreLimits.extensionNames; i++) {
    w.state.extensions.flags.set(`f${i}` as TaskKey, { isSet: true, waiters: new Set() });
  }
  expect(w.answer({ op: "event_set", name: "one more" })).toContain("RuntimeError");
  expect(w.answer({ op: "variable_set", name: "v", data: 1 })).toContain("RuntimeError");
  expect(w.answer({ op: "event_set", name: "f1" })).toBeNull();
  const large = new Uint8Array(coreLimits.extensionBytes);
  expect(w.answer({ op: "queue_put", name: "q", data: [large] })).toContain("scatter");
});

it("restores without those who waited, and keeps what was left", () => {
  const w = world();
  w.ask({ op: "queue_create", name: "q" });
  w.ask({ op: "queue_put", name: "q", data: 1 });
  w.ask({ op: "queue_get", name: "q", batch: 2 });
  w.ask({ op: "event_wait", name: "e", timeout: 60 });
  w.newLife();
  expect(w.answer({ op: "queue_qsize", name: "q" })).toBe(1);
  expect(w.state.extensions.waiting.size).toBe(0);
});
