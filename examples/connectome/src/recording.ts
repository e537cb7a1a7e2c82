// Reads the recording and removes the nuisance signals. Knows the CSV, no cluster and no
// windows.
import { readFile } from "node:fs/promises";
import { Matrix, solve } from "ml-matrix";

/** Signals of one recording, time by region, row-major. */
export interface Recording {
  readonly regions: readonly string[];
  readonly samples: number;
  readonly signals: Float64Array;
}

const nuisanceColumns = 3;

/** Reads a CSV with a header line and numbers below it. */
export async function readRecording(path: string): Promise<Recording> {
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  const names = (lines[0] ?? "").split(",").map((name) => name.trim().replaceAll('"', ""));
  const rows = lines.slice(1).map((line) => line.split(",").map(Number));
  const wrong = rows.findIndex((row) => row.length !== names.length || row.some(Number.isNaN));
  if (wrong >= 0) throw new Error(`${path}: line ${wrong + 2} is not ${names.length} numbers`);
  return { regions: names, samples: rows.length, signals: Float64Array.from(rows.flat()) };
}

/**
 * The residuals of every region after least squares on the nuisance signals and an intercept,
 * fitted over the whole run.
 */
export function withoutNuisance(recording: Recording): Recording {
  const { samples, regions } = recording;
  const all = Matrix.from1DArray(samples, regions.length, recording.signals);
  const nuisance = all.subMatrix(0, samples - 1, 0, nuisanceColumns - 1);
  const design = nuisance.addColumn(0, new Array<number>(samples).fill(1));
  const rois = all.subMatrix(0, samples - 1, nuisanceColumns, regions.length - 1);
  const residuals = Matrix.sub(rois, design.mmul(solve(design, rois, true)));
  return {
    regions: regions.slice(nuisanceColumns),
    samples,
    signals: Float64Array.from(residuals.to1DArray()),
  };
}
