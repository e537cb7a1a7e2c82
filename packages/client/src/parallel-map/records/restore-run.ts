// Makes a map again from the records of its run: the function and its inputs, as they were sent
// when the run was begun. Computing it is left to the map.
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { loadFunction } from "@acme/serialize";
import type { ComputeMapOptions } from "../compute-options.js";
import type { Inputs } from "../inputs.js";
import { codeOf, fileNameOf, givenFolder } from "../run-folder.js";
import { readCode, rememberCode } from "./open-run.js";
import { NoRunError } from "./record-errors.js";
import { mainRecords, type RecordPaths, recordPaths } from "./record-paths.js";
import { type RunFile, readRunFile, rulesOf } from "./run-file.js";
import { restoreInputs } from "./stored-inputs.js";

/** Which run, where a folder holds those of several functions. */
export interface WhichRun {
  /** The function's name in file names. */
  readonly name?: string | undefined;
}

/** Which run, and what to go on with. */
export interface WhichMap extends WhichRun {
  /** Instead of the function that was stored with the run: once its module has changed. */
  readonly fn?: ((...args: never[]) => unknown) | undefined;
}

/** A run as its records tell it. */
export interface KnownRun {
  readonly run: RunFile;
  readonly paths: RecordPaths;
  readonly folder: string;
}

/** @throws NoRunError if there is none, or several and no name */
export async function findRun(dir: string, { name }: WhichRun = {}): Promise<KnownRun> {
  const folder = givenFolder(dir);
  const runs: KnownRun[] = [];
  for (const paths of await recordsIn(folder)) {
    const run = await readRunFile(paths.run);
    if (run !== undefined) runs.push({ run, paths, folder });
  }
  const names = runs.map(({ run }) => run.name).join(", ");
  const wanted = name === undefined ? runs : runs.filter(({ run }) => run.name === name);
  const [found] = wanted;
  if (found === undefined) {
    const there = names === "" ? "" : ` of ${name}, only of ${names}`;
    throw new NoRunError(folder, `holds no run${there}: give the folder that has .acme in it`);
  }
  if (wanted.length === 1) return found;
  throw new NoRunError(
    folder,
    `holds runs of ${names}: say which, as in { name: "${found.run.name}" }`,
  );
}

async function recordsIn(folder: string): Promise<RecordPaths[]> {
  try {
    const entries = await readdir(mainRecords(folder), { withFileTypes: true });
    const guests = entries.filter(
      (entry) => entry.isDirectory() && !["errors", "logs"].includes(entry.name),
    );
    return [recordPaths(folder), ...guests.map(({ name }) => recordPaths(folder, name))];
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  }
}

/** A map and where its results go. */
export interface RestoredRun {
  readonly fn: (...args: never[]) => unknown;
  readonly inputs: Inputs;
  readonly options: Pick<ComputeMapOptions, "output" | "outputDir" | "resultShape" | "resultDtype">;
}

async function storedFunction(paths: RecordPaths, run: RunFile): Promise<RestoredRun["fn"]> {
  const code = await readCode(paths, run).catch((error: unknown) => {
    throw new NoRunError(dirname(paths.run), "its function cannot be read", error);
  });
  const fn = (await loadFunction(code.frames)) as RestoredRun["fn"];
  rememberCode(fn, code);
  // A bound function that was given another name, as a command is, arrives without it.
  if (fileNameOf(fn) !== run.name) Object.defineProperty(fn, "name", { value: run.function });
  return fn;
}

/**
 * @throws NoRunError if there is no run, or it cannot be restored; FunctionShipError if its
 *   function cannot be loaded here
 */
export async function restoreRun(dir: string, which: WhichMap): Promise<RestoredRun> {
  const { run, paths, folder } = await findRun(dir, which);
  const inputs = await restoreInputs(paths, run);
  const fn = which.fn ?? (await storedFunction(paths, run));
  const { layout, dtype, kind } = rulesOf(run);
  const shape = layout?.slot.slice() as (number | null)[] | undefined;
  const options = {
    output: kind,
    outputDir: folder,
    resultShape: layout === null ? undefined : shape?.toSpliced(layout.stackAt, 0, null),
    resultDtype: dtype ?? undefined,
  };
  return { fn, inputs, options };
}
