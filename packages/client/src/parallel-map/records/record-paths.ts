// Where the records of a run lie: in a folder beside its results, hidden because people look for
// results. Only names are made here.
import { join } from "node:path";

export interface RecordPaths {
  /** The folder `.acme`. */
  readonly folder: string;
  readonly manifest: string;
}

export function recordPaths(runFolder: string): RecordPaths {
  const folder = join(runFolder, ".acme");
  return { folder, manifest: join(folder, "manifest.ndjson") };
}
