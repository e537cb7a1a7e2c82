// Names are known once Python has read them, and there are never too many.
import { expect, it } from "vitest";
import { KnownNames } from "./known-names.js";
import { unfoldLimits } from "./limits.js";

it("knows what it learned", () => {
  const known = new KnownNames();
  const names = new Set(["operator:add", "numpy:dtype"]);
  expect(known.knows(names)).toBe(false);
  known.learn(names);
  expect(known.knows(new Set(["operator:add"]))).toBe(true);
  expect(known.knows(new Set(["operator:add", "mine:f"]))).toBe(false);
});

it("begins anew when there are too many", () => {
  const known = new KnownNames();
  const one = new Set(["operator:add"]);
  known.learn(one);
  for (let i = 0; i < unfoldLimits.knownNames; i++) known.learn(new Set([`m:${i}`]));
  expect(known.knows(one)).toBe(false);
});
