// Dask's own tests on both schedulers: runs them in a few processes, joins the results by test, and
// asks for a reason wherever ours fails.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Side } from "./cluster.js";
import { type Overlay, overlay } from "./overlay.js";
import { programs } from "./places.js";
import { runPytest, type TestResult } from "./pytest-run.js";

export interface JudgedTest {
  readonly test: string;
  readonly dask: TestResult["outcome"] | "not run";
  readonly acme: TestResult["outcome"] | "not run";
  /** Why it does not pass on ours. */
  readonly reason?: string;
  /** What pytest said, where ours fails and dask's does not. */
  readonly text?: string;
}

export interface DaskTests {
  readonly run: number;
  readonly passed: number;
  /** Of those that run on dask's own scheduler. */
  readonly passedShare: number;
  readonly unexplained: readonly string[];
  readonly tests: readonly JudgedTest[];
}

export interface DaskTestsOptions {
  readonly python: string;
  readonly checkout: string;
  readonly sides: readonly Side[];
  /** What an earlier run found on dask's own scheduler, for tests that do not run there now. */
  readonly recorded?: DaskTests | undefined;
  readonly only?: string | undefined;
  readonly parts: number;
}

export async function runDaskTests(options: DaskTestsOptions): Promise<DaskTests> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-overlay-"));
  try {
    const laid = overlay(options.python, options.checkout, folder);
    const bySide = new Map<Side, Map<string, TestResult>>();
    if (options.recorded !== undefined) bySide.set("dask", outcomesIn(options.recorded));
    for (const side of options.sides) bySide.set(side, await runSide(side, laid, options));
    return joined(bySide, reasons());
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function outcomesIn({ tests }: DaskTests): Map<string, TestResult> {
  const ran = tests.filter(({ dask }) => dask !== "not run");
  return new Map(
    ran.map(({ test, dask }) => [test, { test, outcome: dask as TestResult["outcome"] }]),
  );
}

async function runSide(
  side: Side,
  laid: Overlay,
  { python, only, parts }: DaskTestsOptions,
): Promise<Map<string, TestResult>> {
  const runs = Array.from({ length: parts }, (_, part) =>
    runPytest({ side, python, overlay: laid, only, part, parts }),
  );
  const results = (await Promise.all(runs)).flat();
  for (const { test, outcome, seconds } of results) {
    process.stdout.write(`  ${side}  ${outcome.padEnd(8)} ${seconds ?? ""} ${test}\n`);
  }
  return new Map(results.map((one) => [one.test, one]));
}

/** Tests that fail on ours, each with its reason. */
function reasons(): ReadonlyMap<string, string> {
  const text = readFileSync(`${programs}dask-tests.json`, "utf8");
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}

const good = new Set(["passed", "xfailed"]);

/** Joins by test; pure but for nothing. */
export function joined(
  bySide: ReadonlyMap<Side, ReadonlyMap<string, TestResult>>,
  why: ReadonlyMap<string, string>,
): DaskTests {
  const ours = bySide.get("acme") ?? new Map<string, TestResult>();
  const theirs = bySide.get("dask") ?? new Map<string, TestResult>();
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
  const tests = names.map((test) => judged(test, { ours, theirs, why }));
  const run = tests.filter(({ acme }) => acme !== "skipped" && acme !== "not run");
  const passed = run.filter(({ acme }) => good.has(acme)).length;
  const failing = run.filter(({ acme }) => !good.has(acme));
  return {
    run: run.length,
    passed,
    passedShare: Math.round((passed / Math.max(1, run.length)) * 1_000) / 1_000,
    unexplained: failing.filter(({ reason }) => reason === undefined).map(({ test }) => test),
    tests,
  };
}

interface Known {
  readonly ours: ReadonlyMap<string, TestResult>;
  readonly theirs: ReadonlyMap<string, TestResult>;
  readonly why: ReadonlyMap<string, string>;
}

function judged(test: string, { ours, theirs, why }: Known): JudgedTest {
  const [mine, other] = [ours.get(test), theirs.get(test)];
  const outcomes = { dask: other?.outcome ?? "not run", acme: mine?.outcome ?? "not run" } as const;
  if (mine === undefined || good.has(mine.outcome) || mine.outcome === "skipped") {
    return { test, ...outcomes };
  }
  const failsThere = other !== undefined && !good.has(other.outcome);
  const reason = why.get(test) ?? (failsThere ? "fails on dask's own scheduler too" : undefined);
  const text = mine.text?.slice(-3_000) ?? "";
  return { test, ...outcomes, ...(reason === undefined ? {} : { reason }), text };
}
