// Semaphores and locks: leases in order, asked twice, confirmed, expired, and closed.
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";

function world(max_leases = 1, lease_timeout: number | undefined = 30): ExtensionWorld {
  const made = new ExtensionWorld();
  made.ask({ op: "semaphore_register", name: "s", max_leases, ...timeoutOf(lease_timeout) });
  return made;
}

const timeoutOf = (lease_timeout: number | undefined) =>
  lease_timeout === undefined ? {} : { lease_timeout };
const acquire = (lease_id: string, timeout?: number) => ({
  op: "semaphore_acquire" as const,
  name: "s",
  lease_id,
  ...(timeout === undefined ? {} : { timeout }),
});
const release = (lease_id: string) => ({ op: "semaphore_release" as const, name: "s", lease_id });
const value = { op: "semaphore_value" as const, name: "s" };

it("gives so many leases and no more, then to those who wait, in order", () => {
  const w = world(2);
  expect([w.answer(acquire("a")), w.answer(acquire("b"))]).toEqual([true, true]);
  const [c, d] = [w.ask(acquire("c")), w.ask(acquire("d", 60))];
  expect([w.answer(acquire("e", 0)), w.answer(value)]).toEqual([false, 2]);
  expect(w.answer(release("a"))).toBeNull();
  expect([w.reply(c), w.reply(d), w.answer(value)]).toEqual([true, undefined, 2]);
  w.ask(release("b"));
  expect(w.reply(d)).toBe(true);
});

it("gives a lease once, however often it is asked for with one id", () => {
  const w = world(1);
  expect([w.answer(acquire("a")), w.answer(acquire("a")), w.answer(value)]).toEqual([
    true,
    true,
    1,
  ]);
  expect([w.answer(release("a")), w.answer(release("a")), w.answer(value)]).toEqual([
    null,
    null,
    0,
  ]);
});

it("gives up the leases of who is gone, but not those that are confirmed", () => {
  const w = world(1, 2);
  w.ask(acquire("a"));
  const b = w.ask(acquire("b"));
  for (let s = 0; s < 10; s++) {
    w.pass(1000);
    w.ask({ op: "semaphore_refresh_leases", name: "s", lease_ids: ["a"] });
  }
  expect(w.reply(b)).toBeUndefined();
  w.pass(1000);
  w.pass(1000);
  expect(w.reply(b)).toBeUndefined();
  expect(w.wakeAtMs).toBeLessThanOrEqual(w.nowMs + 1000);
  w.pass(1000);
  expect(w.reply(b)).toBe(true);
  w.ask({ op: "semaphore_refresh_leases", name: "s", lease_ids: ["a"] });
  expect(w.answer(value)).toBe(2);
});

it("keeps leases without a timeout for ever", () => {
  const w = new ExtensionWorld();
  w.ask({ op: "semaphore_register", name: "s", max_leases: 1 });
  w.ask(acquire("a"));
  w.pass(24 * 3_600_000);
  expect([w.answer(value), w.wakeAtMs]).toEqual([1, Number.POSITIVE_INFINITY]);
});

it("refuses other numbers of leases and names that are not known", () => {
  const w = world(2);
  expect(w.answer({ op: "semaphore_register", name: "s", max_leases: 3 })).toBe(
    "ValueError: Inconsistent max leases: 3, expected: 2",
  );
  expect(w.answer({ ...acquire("a"), name: "t" })).toBe(
    "RuntimeError: Semaphore or Lock `t` not known.",
  );
  expect(w.answer({ ...value, name: "t" })).toBe(0);
});

it("answers who waits when it is closed, and forgets who is gone", () => {
  const w = world(1);
  w.ask(acquire("a"));
  const [gone, waiting] = [w.ask(acquire("b")), w.ask(acquire("c", 5))];
  w.abandon(gone);
  w.ask({ op: "semaphore_close", name: "s" });
  expect(w.reply(waiting)).toContain("not known");
  const { waiting: all, semaphores, leased } = w.state.extensions;
  expect([all.size, semaphores.size, leased.size]).toEqual([0, 0, 0]);
});

it("answers false in time", () => {
  const w = world(1);
  w.ask(acquire("a"));
  const late = w.ask(acquire("b", 0.5));
  w.pass(500);
  expect(w.reply(late)).toBe(false);
  w.ask(release("a"));
  expect(w.answer(value)).toBe(0);
});
