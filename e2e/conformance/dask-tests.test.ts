// How the results of dask's own tests on both schedulers are joined.
import { expect, it } from "vitest";
import { joined } from "./dask-tests.js";
import type { TestResult } from "./pytest-run.js";

const results = (ends: Record<string, TestResult["outcome"]>) =>
  new Map(Object.entries(ends).map(([test, outcome]) => [test, { test, outcome, text: "why" }]));

it("counts what ran, and wants a reason for what fails on ours alone", () => {
  const found = joined(
    new Map([
      ["dask", results({ a: "passed", b: "passed", c: "failed", d: "skipped", e: "passed" })],
      ["acme", results({ a: "passed", b: "failed", c: "crashed", d: "skipped", e: "failed" })],
    ]),
    new Map([["b", "it looks into the scheduler's process"]]),
  );
  expect([found.run, found.passed, found.passedShare]).toEqual([4, 1, 0.25]);
  expect(found.unexplained).toEqual(["e"]);
  const reasons = Object.fromEntries(found.tests.map(({ test, reason }) => [test, reason]));
  expect(reasons).toEqual({
    a: undefined,
    b: "it looks into the scheduler's process",
    c: "fails on dask's own scheduler too",
    d: undefined,
    e: undefined,
  });
});

it("tells apart the tests that have the scheduler run something of theirs, and what passed late", () => {
  const one = (test: string, rest: Partial<TestResult> = {}): [string, TestResult] => [
    test,
    { test, outcome: "passed", ...rest },
  ];
  const inside = { inside: true } as const;
  const acme = new Map([
    one("a", { again: true }),
    one("b", { ...inside, outcome: "failed" }),
    one("c", inside),
    one("d", { outcome: "failed" }),
  ]);
  const found = joined(new Map([["acme", acme]]), new Map());
  expect([found.run, found.passed, found.outside.run, found.outside.passed]).toEqual([4, 2, 2, 1]);
  expect(found.unexplained).toEqual(["d"]);
  expect(found.tests[0]).toMatchObject({ test: "a", again: true });
  expect(found.tests[1]?.reason).toMatch(/needs Python inside the scheduler/);
});
