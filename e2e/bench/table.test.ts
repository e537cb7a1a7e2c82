// Tables as they are printed and as they stand on the page, made of one result.
import { expect, it } from "vitest";
import { pageOf } from "./page.js";
import type { Result } from "./run-workload.js";
import { markdownTable, notesOf, plainTable, rowsOf } from "./table.js";
import { times, type Workload } from "./workload.js";

const workload: Workload = {
  name: "walk",
  measures: "a walk",
  figures: [
    { name: "speed", unit: "m/s", better: "more", must: [times(2, "dask"), times(2, "best")] },
    { name: "weight", unit: "kg", better: "less" },
  ],
  bound: "shoes",
  next: "boots",
  run: () => Promise.reject(new Error("not run here")),
};

const result: Result = {
  workload: "walk",
  scheme: "tcp",
  figures: {
    speed: {
      acme: { median: 30, min: 29, max: 31, count: 5 },
      dask: { median: 10, min: 9, max: 11, count: 5 },
      "dask-inf": { median: 20, min: 20, max: 20, count: 1 },
    },
  },
  counts: {
    acme: { clean: 5, disturbed: 1, usesDisturbed: false },
    dask: { clean: 2, disturbed: 3, usesDisturbed: true },
  },
  failures: ["dask-inf: it fell\nover a stone"],
};

it("a row per measured figure, with spreads, ratios and bars", () => {
  expect(rowsOf(workload, result)).toEqual([
    [
      "speed (m/s)",
      "30 [29..31] (5)",
      "10 [9..11] (5)",
      "20 (1)",
      "3",
      "1.5",
      "NO: 3x of 2x dask, 1.5x of 2x best",
      "",
    ],
  ]);
});

it("aligns columns, and writes Markdown", () => {
  const rows = rowsOf(workload, result);
  const lines = plainTable(rows).split("\n");
  expect(lines[0]!.indexOf("acme")).toBe(lines[1]!.indexOf("30 ["));
  expect(markdownTable(rows).split("\n")).toHaveLength(3);
});

it("notes what failed and what others disturbed", () => {
  expect(notesOf(result)).toEqual([
    "a repetition failed: dask-inf: it fell",
    "dask: other programs disturbed 3 of 5 repetitions",
  ]);
});

it("the page shows what was measured, and what comes next", () => {
  const facts = { commit: "0123456789ab", modified: false, date: "2030-01-02T03:04:05Z" };
  const entry = { ...result, ...facts, versions: { dask: "1.2.3" }, realTime: false };
  const page = pageOf({ machine: { cpu: "Abacus", cores: 2 }, entries: [entry] }, [workload]);
  for (const text of ["## walk", "at `012345678`, 2030-01-02, dask 1.2.3", "Bound now by shoes"]) {
    expect(page).toContain(text);
  }
  expect(page).not.toContain("weight");
});
