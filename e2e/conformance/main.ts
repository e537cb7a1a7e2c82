// The command: main.js [--only text] [--recorded] compares both schedulers and writes the table;
// with --dask-tests it runs dask's own tests instead, with --side on one scheduler, joined with what
// is on record of the other. With --again only what fails or differs on record is run anew. Ends
// with 1 when something is not as wanted.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../bench/incumbent.js";
import type { Side } from "./cluster.js";
import { type Comparison, compare, nameOf, replaced } from "./compare.js";
import { type DaskTests, runDaskTests } from "./dask-tests.js";
import { explained } from "./differences.js";
import { pageOf, type Recorded } from "./page.js";
import { page, results } from "./places.js";
import { packages } from "./python.js";
import type { Case } from "./topic.js";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    recorded: { type: "boolean", default: false },
    self: { type: "boolean", default: false },
    "dask-tests": { type: "boolean", default: false },
    source: { type: "string" },
    side: { type: "string" },
    again: { type: "boolean", default: false },
    parts: { type: "string", default: "1" },
    out: { type: "string" },
  },
});

const startedAt = performance.now();
const { python, versions } = install("conformance", packages);
const seconds = () => Math.round((performance.now() - startedAt) / 1_000);
const isWhole = (flags.only === undefined || flags.again) && flags.out === undefined && !flags.self;
process.exitCode = (await (flags["dask-tests"] ? testsPass() : casesAgree())) ? 0 : 1;

async function casesAgree(): Promise<boolean> {
  const other = flags.self ? "dask" : "acme";
  const earlier = recorded<Comparison>(results.cases);
  const first = flags.recorded ? earlier : undefined;
  const { only } = flags;
  const again = flags.again ? earlier : undefined;
  const differing = again?.cases.filter(({ verdict }) => verdict === "differs").map(nameOf);
  const isWanted = (one: Case) =>
    (differing?.includes(nameOf(one)) ?? true) && nameOf(one).includes(only ?? "");
  const chosen = only === undefined && differing === undefined ? {} : { isWanted };
  const found = await compare({ python, sides: [first ?? "dask", other], ...chosen });
  const compared = again === undefined ? found : replaced(again, found);
  for (const { topic, name, verdict, note } of compared.cases) {
    const why = explained({ topic, name });
    if (verdict !== "same") say(`${verdict}: ${topic}: ${name}: ${note}${why ? ` [${why}]` : ""}`);
  }
  const missing = compared.rows.filter(({ verdict }) => verdict === "no case");
  for (const { row } of missing) say(`no case: ${row}`);
  say(`rows ${JSON.stringify(compared.counts)}`);
  say(`cases ${JSON.stringify(compared.caseCounts)} in ${seconds()} s`);
  keep(results.cases, compared);
  const unexplained = compared.cases.filter(
    (one) => one.verdict === "differs" && explained(one) === undefined,
  );
  return unexplained.length + missing.length === 0;
}

async function testsPass(): Promise<boolean> {
  const checkout = flags.source ?? process.env.ACME_DASK_SOURCE;
  if (checkout === undefined) {
    const { distributed } = versions;
    const where = `https://github.com/dask/distributed at the tag ${distributed}`;
    throw new Error(`say where its tests are: --source <folder>, a checkout of ${where}`);
  }
  const { side = flags.recorded ? "acme" : undefined } = flags;
  const sides: readonly Side[] = side === undefined ? ["dask", "acme"] : [side as Side];
  const parts = Number(flags.parts);
  const earlier = side === undefined ? undefined : recorded<DaskTests>(results.daskTests);
  const { only, again } = flags;
  const options = { python, checkout, parts, recorded: earlier, only, again };
  const found = await runDaskTests({ ...options, sides });
  for (const { test, dask, acme, reason } of found.tests) {
    if (reason !== undefined) say(`explained: ${test} (${dask} → ${acme}): ${reason}`);
  }
  for (const test of found.unexplained) say(`FAILED: ${test}`);
  say(`${found.passed} of ${found.run} passed (${found.passedShare}) in ${seconds()} s`);
  say(`${found.outside.passed} of ${found.outside.run} that run nothing inside the scheduler`);
  keep(results.daskTests, found);
  return found.unexplained.length === 0 && found.passedShare >= 0.95;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function keep(path: string, found: object): void {
  const before = flags.again ? (recorded<object>(path)?.seconds ?? 0) : 0;
  const about = { versions, seconds: before + seconds(), date: new Date().toISOString() };
  if (flags.out !== undefined) writeFileSync(flags.out, JSON.stringify(found, null, 1));
  if (!isWhole) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ ...about, ...found }, null, 1)}\n`);
  const compared = recorded<Comparison>(results.cases);
  writeFileSync(page, pageOf(compared, recorded<DaskTests>(results.daskTests)));
}

function recorded<T>(path: string): (T & Recorded) | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}
