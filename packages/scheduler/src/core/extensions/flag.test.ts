// Events in dask's sense: set, clear, wait; and nothing is kept of those that nobody uses.
import { expect, it } from "vitest";
import { ExtensionWorld } from "../../fixtures/extension-world.js";

const of = <O extends "event_set" | "event_clear" | "event_is_set">(op: O) => ({ op, name: "e" });
const wait = { op: "event_wait" as const, name: "e" };

it("wakes all who wait, and is true until it is cleared", () => {
  const w = new ExtensionWorld();
  const waiting = [w.ask(wait), w.ask({ ...wait, timeout: 10 })];
  expect(w.answer(of("event_is_set"))).toBe(false);
  expect(w.answer(of("event_set"))).toBeNull();
  expect(waiting.map((one) => w.reply(one))).toEqual([true, true]);
  expect([w.answer(wait), w.answer(of("event_is_set"))]).toEqual([true, true]);
  expect([w.answer(of("event_clear")), w.answer(of("event_is_set"))]).toEqual([null, false]);
  expect(w.state.extensions.flags.size).toBe(0);
});

it("answers false when it was not set in time, and drops what nobody waits for", () => {
  const w = new ExtensionWorld();
  const late = w.ask({ ...wait, timeout: 1.5 });
  expect(w.answer({ ...wait, timeout: 0 })).toBe(false);
  w.pass(1499);
  expect(w.reply(late)).toBeUndefined();
  w.pass(1);
  expect(w.reply(late)).toBe(false);
  const gone = w.ask(wait);
  w.ask(of("event_clear"));
  expect(w.state.extensions.flags.size).toBe(1);
  w.abandon(gone);
  expect(w.state.extensions.flags.size).toBe(0);
});

it("takes names of any kind that Python hashes", () => {
  const w = new ExtensionWorld();
  w.ask({ op: "event_set", name: ["e", 1] });
  expect(w.answer({ op: "event_is_set", name: ["e", 1n] })).toBe(true);
  expect(w.answer({ op: "event_is_set", name: ["e", 2] })).toBe(false);
});
