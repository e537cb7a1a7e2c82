// One run of dask's own tests in pytest, begun again after a test that takes pytest with it. Knows
// which scheduler is meant, and judges nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binOf, type Side } from "./cluster.js";
import type { Overlay } from "./overlay.js";
import { programs } from "./places.js";
import { Supervised } from "./supervised.js";

export interface TestResult {
  readonly test: string;
  readonly outcome: "passed" | "failed" | "skipped" | "xfailed" | "crashed";
  readonly seconds?: number;
  /** The test has the scheduler run a function of its own. */
  readonly inside?: boolean;
  /** It passed only when it was run again, alone. */
  readonly again?: boolean;
  /** What pytest said of it. */
  readonly text?: string;
}

interface Line extends Omit<TestResult, "outcome"> {
  readonly outcome: TestResult["outcome"] | "started";
}

export interface PytestRun {
  readonly side: Side;
  readonly python: string;
  readonly overlay: Overlay;
  /** Only tests with this in their names. */
  readonly only?: string | undefined;
  /** Only these. */
  readonly again?: readonly string[] | undefined;
  /** Tests are dealt out to this many runs, of which this is one. */
  readonly part: number;
  readonly parts: number;
}

/** Of one test; dask's own limit is longer, but its tests are quick. */
const testTimeoutSeconds = 120;
/** Without a word from any test. */
const silenceMs = 300_000;
const mostCrashes = 20;

export async function runPytest(run: PytestRun): Promise<TestResult[]> {
  const folder = mkdtempSync(join(tmpdir(), `conformance-tests-${run.side}-`));
  const out = join(folder, "results");
  const env = { ...environmentOf(run), CONFORMANCE_OUT: out };
  try {
    for (let crashes = 0; crashes < mostCrashes; crashes++) {
      const { end, said } = await runOnce(run, env, out);
      const results = resultsIn(out, end);
      // 5: no test was left; 1: some failed.
      if (/^exit code [015]$/.test(end)) return results;
      if (results.length === 0) throw new Error(`pytest ended with ${end}:\n${said}`);
    }
    return resultsIn(out, "too many crashes");
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runOnce(
  { python, overlay: { folder, files } }: PytestRun,
  env: Record<string, string>,
  out: string,
): Promise<{ end: string; said: string }> {
  const limits = [`--timeout=${testTimeoutSeconds}`, "--timeout-method=signal"];
  const flags = ["-p", "daskplugin", "--runslow", "-q", "-p", "no:cacheprovider", ...limits];
  const process = new Supervised(python, ["-m", "pytest", ...flags, ...files], {
    env,
    cwd: folder,
  });
  let size = -1;
  const watch = setInterval(() => {
    const now = existsSync(out) ? readFileSync(out).length : 0;
    if (now === size) process.kill("SIGKILL");
    size = now;
  }, silenceMs);
  await process.ended;
  clearInterval(watch);
  return { end: process.end, said: process.said };
}

function environmentOf(run: PytestRun): Record<string, string> {
  const env: Record<string, string> = {
    PYTHONPATH: `${run.overlay.folder}:${programs}`,
    PYTHONDONTWRITEBYTECODE: "1",
    CONFORMANCE_ONLY: run.only ?? "",
    CONFORMANCE_PART: `${run.part}/${run.parts}`,
  };
  if (run.again !== undefined) env.CONFORMANCE_AGAIN = JSON.stringify(run.again);
  if (run.side === "dask") return env;
  // In plaintext, as dask's own fixtures are; those for TLS bring certificates.
  env.CONFORMANCE_SCHEDULER = JSON.stringify([process.execPath, binOf("scheduler")]);
  return env;
}

function resultsIn(out: string, end: string): TestResult[] {
  const results = new Map<string, TestResult>();
  const text = existsSync(out) ? readFileSync(out, "utf8") : "";
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const { outcome, ...rest } = JSON.parse(line) as Line;
    const before = results.get(rest.test);
    if (outcome === "started") {
      results.set(rest.test, { ...rest, outcome: "crashed", text: `pytest ended: ${end}` });
    } else if (before?.outcome !== "failed") {
      // A test that passed may still fail when its cluster is taken down.
      results.set(rest.test, { ...rest, outcome });
    }
  }
  return [...results.values()];
}
