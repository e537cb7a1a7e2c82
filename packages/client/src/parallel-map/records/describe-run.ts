// What a run folder holds, for people and programs that look at it: which calls are done, which
// failed and why. Reads names and sizes of files and the journal; changes nothing and computes nothing.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { inspectFile } from "@acme/hdf5";
import { codeOf, runFolderAt } from "../run-folder.js";
import { type ManifestEntry, readManifest } from "./manifest.js";
import { recordLimits } from "./record-limits.js";
import { findRun, type WhichRun } from "./restore-run.js";
import { folderOf, type RunTarget } from "./run-target.js";
import { doneEntries, indexOf } from "./scan-results.js";

/** A run, as it is on disk. */
export interface RunDescription {
  readonly folder: string;
  /** The mapped function. */
  readonly function: string;
  /** Its name in file names. */
  readonly name: string;
  /** When it was begun, as ISO 8601. */
  readonly created: string;
  readonly output: "files" | "single" | "serialized";
  /** How many calls there are; null while the inputs have not told. */
  readonly calls: number | null;
  readonly done: number;
  readonly failed: number;
  /** Neither done nor failed; null like `calls`. */
  readonly missing: number | null;
  /** Bytes of all result files, the container included. */
  readonly bytes: number;
  /** Path of the HDF5 container; null if there is none. */
  readonly container: string | null;
  /** Shape of `result_0` in the container; null if it shows no array over all calls. */
  readonly shape: readonly number[] | null;
  /** By index of the call. */
  readonly failures: readonly { readonly index: number; readonly error: string }[];
  /** Paths of result files, by index of the call. */
  readonly paths: readonly string[];
}

/**
 * Tells what is done of a run and what is not.
 *
 * @param target - the folder of the run, or the map
 * @param which - `name`: the function, where the folder holds runs of several
 * @throws NoRunError if there is no run
 * @example
 * ```ts
 * const { done, calls, failures } = await describeRun("results");
 * console.log(`${done} of ${calls}, ${failures.length} failed`);
 * ```
 */
export async function describeRun(
  target: RunTarget,
  which: WhichRun = {},
): Promise<RunDescription> {
  const { run, paths, folder } = await findRun(folderOf(target), which);
  const { name, count: calls, created, output = "files" } = run;
  const place = runFolderAt(name, folder, output);
  const entries = await readManifest(paths.manifest);
  const files = await resultFiles(place.payload, name);
  // Results that were put into one file have none of their own any more.
  const done = output === "single" ? new Set(doneEntries(entries).keys()) : new Set(files.keys());
  for (const index of files.keys()) done.add(index);
  const failures = failuresIn(entries).filter(({ index }) => !done.has(index));
  const held = await inspectFile(place.container);
  const all = [...files.values()].map((file) => join(place.payload, file));
  return {
    folder,
    function: run.function,
    name,
    created,
    output,
    calls,
    done: done.size,
    failed: failures.length,
    missing: calls === null ? null : calls - done.size - failures.length,
    bytes: (await sizeOf(all)) + (held?.bytes ?? 0),
    container: held === undefined ? null : place.container,
    shape: held?.datasets.find((one) => one.name === "result_0")?.shape ?? null,
    failures,
    paths: all,
  };
}

/** By index. */
async function resultFiles(payload: string, name: string): Promise<Map<number, string>> {
  const found: [number, string][] = [];
  for (const file of await readdir(payload).catch(noneIfAbsent)) {
    const index = indexOf(file, name);
    if (index !== undefined) found.push([index, file]);
  }
  return new Map(found.sort(([a], [b]) => a - b));
}

function noneIfAbsent(error: unknown): string[] {
  if (codeOf(error) === "ENOENT") return [];
  throw error;
}

/** The last word of the journal on each call that failed. */
function failuresIn(entries: readonly ManifestEntry[]) {
  const failed = new Map<number, string>();
  for (const entry of entries) {
    if (entry.state === "failed") failed.set(entry.i, entry.error);
    else if (entry.state === "done") failed.delete(entry.i);
  }
  const sorted = [...failed].sort(([a], [b]) => a - b);
  return sorted.map(([index, error]) => ({ index, error }));
}

async function sizeOf(files: readonly string[]): Promise<number> {
  let bytes = 0;
  const waiting = [...files];
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { size } = await stat(next);
      bytes += size;
    }
  };
  await Promise.all(Array.from({ length: recordLimits.filesAtOnce }, lane));
  return bytes;
}
