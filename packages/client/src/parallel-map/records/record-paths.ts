// Where the records of a run lie: in a folder beside its results, hidden because people look for
// results. Only names are made here.
import { join } from "node:path";

export interface RecordPaths {
  /** `.acme`, or a folder in it for the second function whose results share a folder. */
  readonly folder: string;
  readonly run: string;
  readonly inputs: string;
  readonly attributes: string;
  readonly manifest: string;
  readonly errors: string;
  /** Meant for people, so it is not hidden. */
  readonly provenance: string;
}

/** The folder of the records of the function that was first here. */
export const mainRecords = (runFolder: string): string => join(runFolder, ".acme");

/** Where calls of a run keep what they write; the names of the files have the function's. */
export const logsFolder = (runFolder: string): string => join(mainRecords(runFolder), "logs");

/** @param guest - name in file names of a function that shares the folder with an earlier one */
export function recordPaths(runFolder: string, guest?: string): RecordPaths {
  const main = mainRecords(runFolder);
  const folder = guest === undefined ? main : join(main, guest);
  return {
    folder,
    run: join(folder, "run.json"),
    inputs: join(folder, "inputs.msgpack"),
    attributes: join(folder, "attributes.msgpack"),
    manifest: join(folder, "manifest.ndjson"),
    errors: join(folder, "errors"),
    provenance: join(
      runFolder,
      guest === undefined ? "provenance.json" : `provenance_${guest}.json`,
    ),
  };
}

/** The function of the first so many hexadecimal digits of its hash. */
export const codePath = (paths: RecordPaths, hash: string): string =>
  join(paths.folder, `code-${hash.slice(0, 16)}.msgpack`);
