// The whole table: runs all cases on both sides at the same time, judges each, and joins them to
// rows. Writes no file.
import { execFileSync } from "node:child_process";
import type { Side } from "./cluster.js";
import { programs } from "./places.js";
import { runSide } from "./side.js";
import { type Case, casesOf, type Outcome, topics } from "./topic.js";
import { type Judged, judge, type Verdict, verdicts, words, worst } from "./verdict.js";

export interface JudgedCase extends Judged {
  readonly topic: string;
  readonly name: string;
  readonly rows: readonly string[];
  readonly dask: Outcome;
  /** Where the verdict is not "same". */
  readonly acme?: Outcome;
}

export interface Row {
  readonly row: string;
  readonly verdict: Verdict;
  readonly cases: number;
}

export interface Comparison {
  readonly version: string;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly caseCounts: Readonly<Record<Verdict, number>>;
  readonly rows: readonly Row[];
  readonly cases: readonly JudgedCase[];
}

export interface CompareOptions {
  readonly python: string;
  /** Which schedulers run the programs; dask's own may be left to an earlier record. */
  readonly sides: readonly [Side | Comparison, Side];
  /** Default: every case. */
  readonly isWanted?: (one: Case) => boolean;
}

export async function compare(options: CompareOptions): Promise<Comparison> {
  const { python, sides, isWanted = () => true } = options;
  const { version, rows: all } = introspect(python);
  const known = (await Promise.all(topics.map((topic) => casesOf(topic, python)))).flat();
  const unknown = known.flatMap(({ rows }) => rows).filter((row) => !all.includes(row));
  if (unknown.length > 0) throw new Error(`cases show what there is not: ${unknown.join(", ")}`);
  const cases = known.filter(isWanted);
  const [dask, acme] = await Promise.all(
    sides.map((side, index) => {
      if (typeof side !== "string") return outcomesIn(side, cases);
      const report = (one: Case, outcome: Outcome) => say(`${side}${index}`, one, outcome);
      return runSide(cases, { side, python, report });
    }),
  );
  const judged = cases.map((one) => joined(one, dask!.get(one) ?? {}, acme!.get(one)!));
  const shown =
    options.isWanted === undefined ? all : all.filter((row) => cases.some(showsRow(row)));
  return summedUp(version, shown, judged);
}

/** A comparison with some of its cases replaced by what a later one found. */
export function replaced(earlier: Comparison, later: Comparison): Comparison {
  const newer = new Map(later.cases.map((one) => [nameOf(one), one]));
  const cases = earlier.cases.map((one) => newer.get(nameOf(one)) ?? one);
  const rows = earlier.rows.map(({ row }) => row);
  return summedUp(earlier.version, rows, cases);
}

export const nameOf = ({ topic, name }: Pick<Case, "topic" | "name">): string =>
  `${topic}: ${name}`;

function summedUp(version: string, shown: string[], cases: JudgedCase[]): Comparison {
  const rows = shown.map((row) => {
    const mine = cases.filter(showsRow(row));
    return { row, verdict: worst(mine.map(({ verdict }) => verdict)), cases: mine.length };
  });
  return { version, counts: counted(rows), caseCounts: counted(cases), rows, cases };
}

/** What an earlier run found on dask's own scheduler. */
function outcomesIn({ cases: recorded }: Comparison, cases: readonly Case[]): Map<Case, Outcome> {
  const byName = new Map(recorded.map((one) => [nameOf(one), one.dask]));
  return new Map(cases.map((one) => [one, byName.get(nameOf(one)) ?? {}]));
}

const showsRow =
  (row: string) =>
  ({ rows }: Pick<Case, "rows">): boolean =>
    rows.includes(row);

function introspect(python: string): { version: string; rows: string[] } {
  return JSON.parse(execFileSync(python, [`${programs}rows.py`], { encoding: "utf8" }));
}

function joined({ topic, name, rows }: Case, dask: Outcome, acme: Outcome): JudgedCase {
  const judged = judge(dask, acme);
  const { traceback: _, ...end } = dask;
  const { traceback: __, ...ours } = acme;
  return {
    topic,
    name,
    rows,
    ...judged,
    dask: end,
    ...(judged.verdict === "same" ? {} : { acme: ours }),
  };
}

function counted(judged: readonly { verdict: Verdict }[]): Record<Verdict, number> {
  const count = (wanted: Verdict) => judged.filter(({ verdict }) => verdict === wanted).length;
  return Object.fromEntries(verdicts.map((one) => [one, count(one)])) as Record<Verdict, number>;
}

function say(side: string, { topic, name }: Case, outcome: Outcome): void {
  process.stdout.write(`  ${side.padEnd(6)}${topic}: ${name}: ${words(outcome).slice(0, 100)}\n`);
}
