// Results as rows of text: one table per workload and scheme, for a terminal or as Markdown.
// Judges nothing itself.
import type { Result } from "./run-workload.js";
import type { Spread } from "./statistics.js";
import { bestOf, format, judge, timesBetter, type Verdict } from "./verdict.js";
import type { Figure, Workload } from "./workload.js";

const columns = ["", "acme", "dask", "dask inf", "x dask", "x best", "must", "moonshot"];

/** A row per figure of a workload. */
export function rowsOf(workload: Workload, result: Result): string[][] {
  return workload.figures
    .filter(({ name }) => result.figures[name] !== undefined)
    .map((figure) => rowOf(figure, result));
}

function rowOf(figure: Figure, result: Result): string[] {
  const spreads = result.figures[figure.name] ?? {};
  const { acme, dask } = spreads;
  const ratio = (theirs: Spread | undefined) => {
    const times = timesBetter(figure, acme, theirs);
    return times === undefined || !Number.isFinite(times) ? "" : format(times);
  };
  return [
    `${figure.name} (${figure.unit})`,
    spreadText(acme),
    spreadText(dask),
    spreadText(spreads["dask-inf"]),
    ratio(dask),
    spreads["dask-inf"] === undefined ? "" : ratio(bestOf(figure, spreads)),
    verdictText(judge(figure, figure.must, result)),
    verdictText(judge(figure, figure.moonshot, result)),
  ];
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return "";
  const { median, min, max, count } = spread;
  if (count === 1) return `${format(median)} (1)`;
  return `${format(median)} [${format(min)}..${format(max)}] (${count})`;
}

function verdictText(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "";
  return `${verdict.met ? "yes" : "NO"}: ${verdict.text}`;
}

/** Columns aligned with spaces. */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What a reader must know about how a result came about; empty when all went well. */
export function notesOf(result: Result): string[] {
  const notes = result.failures.map((failure) => `a repetition failed: ${failure.split("\n")[0]}`);
  for (const [system, { clean, disturbed, usesDisturbed }] of Object.entries(result.counts)) {
    if (usesDisturbed && disturbed > 0) {
      const all = clean + disturbed;
      notes.push(`${system}: other programs disturbed ${disturbed} of ${all} repetitions`);
    }
  }
  return notes;
}
