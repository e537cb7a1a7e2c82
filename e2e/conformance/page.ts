// The page of conformance for people, made from the two records of its results.
// Runs nothing.
import type { Comparison, JudgedCase } from "./compare.js";
import type { DaskTests } from "./dask-tests.js";
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
scheduler and on ours, with the same Python workers and mutual TLS. What they return or raise is compared.`;

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
  const { tests, run, passed, passedShare, date, versions } = found;
  const passedThere = tests.filter(({ dask }) => dask === "passed" || dask === "xfailed").length;
  const about = `Of dask's own tests, those that start a cluster in processes and talk to it as clients
(distributed ${versions.distributed}, ${date.slice(0, 10)}): ${run} run on our scheduler, ${passed} pass
(${(passedShare * 100).toFixed(1)} %); on dask's own ${passedThere} pass.`;
  const odd = tests.filter(({ reason, text }) => reason !== undefined || text !== undefined);
  const lines = odd.map(
    ({ test, dask, reason }) => `| ${cell(test)} | ${dask} | ${cell(reason ?? "not explained")} |`,
  );
  const head = "| test that fails | on dask's own | why |\n| --- | --- | --- |";
  const skipped = tests.filter(({ acme }) => acme === "skipped").map(({ test }) => cell(test));
  const left =
    skipped.length === 0 ? [] : [`Left out by the tests themselves: ${skipped.join(", ")}.`];
  const lists = odd.length === 0 ? [] : [`${head}\n${lines.join("\n")}`];
  return ["## Dask's own tests", about, ...lists, ...left];
}

const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");
