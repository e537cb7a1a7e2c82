// Dask's own tests on both schedulers: runs them in a few processes, those that fail once more alone,
// joins the results by test, and asks for a reason wherever ours fails.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Side } from "./cluster.js";
import { type Overlay, overlay } from "./overlay.js";
import { programs } from "./places.js";
import { runPytest, type TestResult } from "./pytest-run.js";

/** How many ran on ours, and how they ended. */
export interface Tally {
  readonly run: number;
  readonly passed: number;
  readonly passedShare: number;
}

export interface JudgedTest {
  readonly test: string;
  readonly dask: TestResult["outcome"] | "not run";
  readonly acme: TestResult["outcome"] | "not run";
  /** It has the scheduler run a function of its own. */
  readonly inside?: boolean;
  /** It passed on ours only when it was run again, alone. */
  readonly again?: boolean;
  /** Why it does not pass on ours. */
  readonly reason?: string;
  /** What pytest said, where ours fails and dask's does not. */
  readonly text?: string;
}

export interface DaskTests extends Tally {
  /** Of these, the ones that leave the inside of the scheduler alone. */
  readonly outside: Tally;
  readonly unexplained: readonly string[];
  readonly tests: readonly JudgedTest[];
}

export interface DaskTestsOptions {
  readonly python: string;
  readonly checkout: string;
  readonly sides: readonly Side[];
  /** What an earlier run found, for the side that does not run now. */
  readonly recorded?: DaskTests | undefined;
  readonly only?: string | undefined;
  /** Only tests that fail on ours on record; the rest stays as it is there. */
  readonly again?: boolean | undefined;
  readonly parts: number;
}

export async function runDaskTests(options: DaskTestsOptions): Promise<DaskTests> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-overlay-"));
  try {
    const laid = overlay(options.python, options.checkout, folder);
    const bySide = new Map<Side, Map<string, TestResult>>();
    if (options.recorded !== undefined) {
      for (const side of ["dask", "acme"] as const) {
        bySide.set(side, outcomesIn(options.recorded, side));
      }
    }
    for (const side of options.sides) {
      const found = options.again
        ? await runAlone(side, laid, options)
        : await runSide(side, laid, options);
      const kept = options.again ? bySide.get(side) : undefined;
      bySide.set(side, new Map([...(kept ?? []), ...found]));
    }
    return joined(bySide, reasons());
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function outcomesIn({ tests }: DaskTests, side: Side): Map<string, TestResult> {
  const results = new Map<string, TestResult>();
  for (const { test, dask, acme, inside = false, again = false, text = "" } of tests) {
    const outcome = side === "dask" ? dask : acme;
    if (outcome === "not run") continue;
    const ofOurs = side === "acme" ? { again, text } : {};
    results.set(test, { test, outcome, inside, ...ofOurs });
  }
  return results;
}

async function runSide(
  side: Side,
  laid: Overlay,
  { python, only, parts }: DaskTestsOptions,
): Promise<Map<string, TestResult>> {
  const runs = Array.from({ length: parts }, (_, part) =>
    runPytest({ side, python, overlay: laid, only, part, parts }),
  );
  const results = new Map((await Promise.all(runs)).flat().map((one) => [one.test, one]));
  const again = [...results.values()].filter(isFailure).map(({ test }) => test);
  // Many of its tests have seconds for what a busy machine takes longer for.
  const alone = { side, python, overlay: laid, again, part: 0, parts: 1 };
  for (const one of again.length === 0 ? [] : await runPytest(alone)) {
    results.set(one.test, good.has(one.outcome) ? { ...one, again: true } : one);
  }
  for (const { test, outcome, seconds } of results.values()) {
    process.stdout.write(`  ${side}  ${outcome.padEnd(8)} ${seconds ?? ""} ${test}\n`);
  }
  return results;
}

async function runAlone(
  side: Side,
  laid: Overlay,
  { python, recorded, only = "" }: DaskTestsOptions,
): Promise<Map<string, TestResult>> {
  const failing = recorded?.tests.filter(({ acme }) => acme === "failed" || acme === "crashed");
  const again = failing?.map(({ test }) => test).filter((test) => test.includes(only)) ?? [];
  const found = await runPytest({ side, python, overlay: laid, again, part: 0, parts: 1 });
  for (const { test, outcome } of found) process.stdout.write(`  ${side}  ${outcome} ${test}\n`);
  return new Map(
    found.map((one) => [one.test, good.has(one.outcome) ? { ...one, again: true } : one]),
  );
}

/** Tests that fail on ours, each with its reason. */
function reasons(): ReadonlyMap<string, string> {
  const text = readFileSync(`${programs}dask-tests.json`, "utf8");
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}

const good = new Set(["passed", "xfailed"]);

const isFailure = ({ outcome }: TestResult): boolean =>
  outcome === "failed" || outcome === "crashed";

const ofTheInside =
  "it has the scheduler run a function of its own (run_on_scheduler), which needs Python inside " +
  "the scheduler and is refused";

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
  const failing = run.filter(({ acme }) => !good.has(acme));
  return {
    ...tally(run),
    outside: tally(run.filter(({ inside }) => !inside)),
    unexplained: failing.filter(({ reason }) => reason === undefined).map(({ test }) => test),
    tests,
  };
}

function tally(tests: readonly JudgedTest[]): Tally {
  const passed = tests.filter(({ acme }) => good.has(acme)).length;
  const share = passed / Math.max(1, tests.length);
  return { run: tests.length, passed, passedShare: Math.round(share * 1_000) / 1_000 };
}

/** A record says nothing of the machine it was made on. */
const withoutPlaces = (text: string): string =>
  text.replaceAll(/(?:\.\.|~|\/\w[\w.+-]*)?(?:\/[\w.+-]+)+\/([\w.+-]+)/g, "…/$1");

interface Known {
  readonly ours: ReadonlyMap<string, TestResult>;
  readonly theirs: ReadonlyMap<string, TestResult>;
  readonly why: ReadonlyMap<string, string>;
}

function judged(test: string, { ours, theirs, why }: Known): JudgedTest {
  const [mine, other] = [ours.get(test), theirs.get(test)];
  const known = {
    test,
    dask: other?.outcome ?? "not run",
    acme: mine?.outcome ?? "not run",
    ...(mine?.inside || other?.inside ? { inside: true } : {}),
    ...(mine?.again ? { again: true } : {}),
  } as const;
  if (mine === undefined || !isFailure(mine)) return known;
  const failsThere = other !== undefined && isFailure(other);
  const reason =
    why.get(test) ??
    (mine.inside ? ofTheInside : failsThere ? "fails on dask's own scheduler too" : undefined);
  const text = withoutPlaces(mine.text ?? "").slice(-3_000);
  return { ...known, ...(reason === undefined ? {} : { reason }), text };
}
