// Locks of several names: all or some of them, in line with others, in time or not.
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";

const acquire = (
  id: string,
  locks: string[],
  options: { timeout?: number; num_locks?: number } = {},
) => ({
  op: "multi_lock_acquire" as const,
  id,
  locks,
  ...options,
});
const release = (id: string) => ({ op: "multi_lock_release" as const, id });

it("goes on when all locks are free", () => {
  const w = new ExtensionWorld();
  expect(w.answer(acquire("a", ["x", "y"]))).toBe(true);
  const b = w.ask(acquire("b", ["y", "z"]));
  const c = w.ask(acquire("c", ["z"]));
  expect([w.reply(b), w.reply(c)]).toEqual([undefined, undefined]);
  expect(w.answer(release("a"))).toBeNull();
  expect([w.reply(b), w.reply(c)]).toEqual([true, undefined]);
  w.ask(release("b"));
  expect(w.reply(c)).toBe(true);
  w.ask(release("c"));
  expect(w.state.extensions.locks.size + w.state.extensions.lockHolders.size).toBe(0);
});

it("goes on with as many as it needs", () => {
  const w = new ExtensionWorld();
  w.ask(acquire("a", ["x"]));
  w.ask(acquire("b", ["y"]));
  expect(w.answer(acquire("c", ["x", "y", "z"], { num_locks: 1 }))).toBe(true);
  const d = w.ask(acquire("d", ["x", "y", "z"], { num_locks: 2 }));
  w.ask(release("a"));
  expect(w.reply(d)).toBeUndefined();
  w.ask(release("b"));
  expect(w.reply(d)).toBe(true);
  w.ask(release("c"));
  w.ask(release("d"));
  expect(w.state.extensions.locks.size).toBe(0);
});

it("leaves all lines when its time is up or its connection is gone", () => {
  const w = new ExtensionWorld();
  w.ask(acquire("a", ["x"]));
  expect(w.answer(acquire("b", ["x", "y"], { timeout: 0 }))).toBe(false);
  const late = w.ask(acquire("c", ["x", "y"], { timeout: 1 }));
  const gone = w.ask(acquire("d", ["x", "y"]));
  const y = w.ask(acquire("e", ["y"]));
  w.pass(1000);
  w.abandon(gone);
  expect([w.reply(late), w.reply(gone), w.reply(y)]).toEqual([false, undefined, true]);
  w.ask(release("a"));
  expect(w.answer(acquire("f", ["x"]))).toBe(true);
});

it("refuses what makes no sense", () => {
  const w = new ExtensionWorld();
  w.ask(acquire("a", ["x"]));
  expect(w.answer(acquire("a", ["y"]))).toContain("AssertionError");
  expect(w.answer(acquire("b", ["y"], { num_locks: 2 }))).toContain("AssertionError");
  expect(w.answer(acquire("b", []))).toContain("AssertionError");
  expect(w.answer(release("nobody"))).toContain("KeyError");
});
