// The page of conformance for people, made from the two records of its results.
// Runs nothing.
import type { Comparison, JudgedCase } from "./compare.js";
import type { DaskTests, JudgedTest, Tally } from "./dask-tests.js";
import { explained } from "./differences.js";
import { words } from "./verdict.js";

export interface Recorded {
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** Markdown of the whole page. */
export function pageOf(
  compared: (Comparison & Recorded) | undefined,
  tests: (DaskTests & Recorded) | undefined,
): string {
  const parts = [heading, ...(compared === undefined ? [] : table(compared))];
  if (tests !== undefined) parts.push(...testsPart(tests));
  return `${parts.join("\n\n")}\n`;
}

const heading = `# Python programs on this scheduler

Made by \`pnpm conformance\` and \`pnpm conformance --dask-tests\`; do not edit. Every public name of
dask's client classes has programs in \`e2e/conformance/topics\`, unmodified Python, which run on dask's own
scheduler and on ours, with the same Python workers and mutual TLS. What they return or raise is compared.
A program that differs may be run once more (\`--again\`), since many measure time on a busy machine.`;

function table(compared: Comparison & Recorded): string[] {
  const { version, rows, cases, counts, caseCounts, date, versions, seconds } = compared;
  const sum = (of: Record<string, number>) =>
    Object.entries(of).map((one) => `${one[1]} ${one[0]}`);
  const about = [
    `distributed ${version}, Python ${versions.python}, ${date.slice(0, 10)}, ${seconds} s.`,
    `Names: ${sum(counts).join(", ")}. Programs: ${sum(caseCounts).join(", ")}.`,
  ];
  const lines = rows.map(({ row, verdict, cases: count }) => {
    const odd = cases.filter((one) => one.rows.includes(row) && one.verdict !== "same");
    const notes = odd.map(({ topic, name, verdict }) => `${verdict}: ${topic}, ${name}`);
    return `| \`${row}\` | ${count} | ${verdict} | ${cell(notes.join("; "))} |`;
  });
  const head = "| name | programs | verdict | which |\n| --- | --: | --- | --- |";
  return [about.join(" "), `${head}\n${lines.join("\n")}`, ...oddities(cases)];
}

function oddities(cases: readonly JudgedCase[]): string[] {
  const odd = cases.filter(({ verdict }) => verdict !== "same");
  if (odd.length === 0) return [];
  const lines = odd.map((one) => {
    const { topic, name, verdict, dask, acme } = one;
    const [there, here] = [dask, acme].map((end) => cell(words(end ?? {})));
    const why = cell(explained(one) ?? "");
    return `| ${topic}: ${name} | ${verdict} | ${there} | ${here} | ${why} |`;
  });
  const head = "| program | verdict | dask | ours | why |\n| --- | --- | --- | --- | --- |";
  return ["## What is refused or differs", `${head}\n${lines.join("\n")}`];
}

function testsPart(found: DaskTests & Recorded): string[] {
  const { tests, outside, date, versions } = found;
  const isGood = (outcome: string) => outcome === "passed" || outcome === "xfailed";
  const there = tests.filter(({ dask }) => dask !== "not run" && dask !== "skipped");
  const passedThere = there.filter(({ dask }) => isGood(dask)).length;
  const again = tests.filter(({ again }) => again);
  const about = `All tests in dask's repository are taken that use its fixtures of a cluster in processes (\`client\`,
\`c\`, \`s\`, \`cluster()\`), or start the command \`dask scheduler\`, and so see a scheduler from
outside; left out are those of that command's own flags and of Jupyter. Ours takes the place of
dask's, the workers are dask's. A test that fails is run again, alone.

On our scheduler ${shareOf(found)} pass (distributed ${versions.distributed}, ${date.slice(0, 10)}); on dask's own ${
    there.length === 0
      ? "they were not run this time"
      : `${passedThere} of the ${there.length} run there`
  }. Without the tests that have the scheduler run a function of their own, found by
the call \`run_on_scheduler\` in their text, it is ${shareOf(outside)}.`;
  const odd = tests.filter(({ reason, text }) => reason !== undefined || text !== undefined);
  const lines = odd.map(
    ({ test, dask, reason }) => `| ${cell(test)} | ${dask} | ${cell(reason ?? "not explained")} |`,
  );
  const head = "| test that fails | on dask's own | why |\n| --- | --- | --- |";
  const lists = odd.length === 0 ? [] : [`${head}\n${lines.join("\n")}`];
  return [
    "## Dask's own tests",
    about,
    ...lists,
    ...listOf("Passed only when they were run again", again),
    ...listOf(
      "Left out by the tests themselves",
      tests.filter(({ acme }) => acme === "skipped"),
    ),
  ];
}

const shareOf = ({ passed, run }: Tally): string =>
  `${passed} of ${run} (${((100 * passed) / Math.max(1, run)).toFixed(1)} %)`;

const listOf = (title: string, tests: readonly JudgedTest[]): string[] =>
  tests.length === 0 ? [] : [`${title}: ${tests.map(({ test }) => cell(test)).join(", ")}.`];

const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");
