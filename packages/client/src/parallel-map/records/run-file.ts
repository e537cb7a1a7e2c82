// `.acme/run.json`: what a run is, written before its first call and changed only when new code is
// accepted. Results are worthless to a later session without it, so it is published durably.
import { readFile } from "node:fs/promises";
import { publishBytes } from "@acme/hdf5";
import type { FileOutputKind, StorageRules } from "../compute-options.js";
import type { ResultLayout } from "../result-layout.js";
import { codeOf } from "../run-folder.js";
import { NoRunError } from "./record-errors.js";

/** What is written; `schema` changes when an older reader would misunderstand. */
export interface RunFile {
  readonly schema: 1;
  readonly runId: string;
  /** The function's own name, and its name in file names. */
  readonly function: string;
  readonly name: string;
  /** null: as many as came. */
  readonly count: number | null;
  readonly created: string;
  readonly resultShape: { readonly slot: readonly (number | "inf")[]; readonly at: number } | null;
  readonly resultDtype: string | null;
  /** Default: `"files"`. */
  readonly output?: FileOutputKind;
  readonly fsync: boolean;
  /** From which the seeds of calls are made; default 0. */
  readonly seed?: number;
  /** Every function that was accepted, the newest last. */
  readonly code: readonly { readonly sha256: string; readonly since: string }[];
  readonly inputs: {
    readonly sha256: string;
    readonly bytes: number;
    /** False: too large to keep, so that a run goes on only where its inputs are made again. */
    readonly stored: boolean;
  };
}

/** @returns undefined if there is none */
export async function readRunFile(path: string): Promise<RunFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
  let run: RunFile;
  try {
    run = JSON.parse(text) as RunFile;
  } catch (error) {
    throw new NoRunError(path, "is damaged: give another outputDir", error);
  }
  if (run.schema === 1) return run;
  throw new NoRunError(path, `was written by a newer version (schema ${run.schema}): use that one`);
}

/** @returns false if there is one already and it is not to be replaced */
export async function writeRunFile(path: string, run: RunFile, replace: boolean): Promise<boolean> {
  const content = Buffer.from(`${JSON.stringify(run, null, 2)}\n`);
  return (await publishBytes(path, [content], { replace })).published;
}

/** How results are stored, as JSON can say it. */
export function storedRules({ layout, dtype, kind = "files" }: StorageRules) {
  const slot = layout?.slot.map((size) => (size === Number.POSITIVE_INFINITY ? "inf" : size));
  const resultShape = layout === null || slot === undefined ? null : { slot, at: layout.stackAt };
  return { resultShape, resultDtype: dtype, output: kind } as const;
}

export function rulesOf(run: RunFile): StorageRules {
  const { resultShape, resultDtype: dtype, output: kind } = run;
  if (resultShape === null) return { layout: null, dtype, kind };
  const slot = resultShape.slot.map((size) => (size === "inf" ? Number.POSITIVE_INFINITY : size));
  const layout: ResultLayout = { slot, stackAt: resultShape.at, dtype: dtype ?? "float64" };
  return { layout, dtype, kind };
}
