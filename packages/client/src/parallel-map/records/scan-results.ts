// Which results are on disk, whole, at the moment: the truth that a session begins with. What the
// journal says of a file is believed when the size agrees; every other file is opened.
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isTemporaryName } from "@acme/hdf5";
import { checksum, describeResult } from "../result-file.js";
import type { WrittenResult } from "../write-result.js";
import type { ManifestEntry } from "./manifest.js";
import { recordLimits } from "./record-limits.js";

export interface ScanOptions {
  readonly payload: string;
  /** The function's name in file names. */
  readonly name: string;
  readonly count: number;
  readonly entries: readonly ManifestEntry[];
  /**
   * Nothing was flushed when files were written: headers may be there without elements, so that only
   * those count whose checksum the journal has.
   */
  readonly distrust: boolean;
}

export interface ScanResult {
  readonly done: Map<number, WrittenResult>;
  /** Calls whose files were whole but not in the journal. */
  readonly adopted: readonly number[];
}

/** Finds the results, and removes what is none: halves of files, and temporary ones. */
export async function scanResults(options: ScanOptions): Promise<ScanResult> {
  const { payload, name, count } = options;
  const files = new Map<number, string>();
  for (const file of await readdir(payload)) {
    if (isTemporaryName(file)) await rm(join(payload, file), { force: true });
    const index = indexOf(file, name);
    if (index === undefined || index >= count) continue;
    // Of two forms of one result, by two attempts, the container can show the first.
    if (!file.endsWith(".msgpack") || !files.has(index)) files.set(index, file);
  }
  const journal = doneEntries(options.entries);
  const found: [number, WrittenResult, boolean][] = [];
  const waiting = [...files];
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [index, file] = next;
      const known = await believed(options, file, journal.get(index));
      const result = known ?? (options.distrust ? undefined : await describeResult(payload, file));
      if (result !== undefined) found.push([index, result, known === undefined]);
      else await rm(join(payload, file), { force: true });
    }
  };
  await Promise.all(Array.from({ length: recordLimits.filesAtOnce }, lane));
  found.sort(([a], [b]) => a - b);
  return {
    done: new Map(found.map(([index, result]) => [index, result])),
    adopted: found.filter(([, , isNew]) => isNew).map(([index]) => index),
  };
}

/** What the journal says of a file, if the file agrees. */
async function believed(
  { payload, distrust }: ScanOptions,
  file: string,
  known: WrittenResult | undefined,
): Promise<WrittenResult | undefined> {
  if (known?.file !== file) return undefined;
  const path = join(payload, file);
  const { size } = await stat(path);
  if (size !== known.bytes) return undefined;
  return distrust && (await checksum(path)) !== known.crc32 ? undefined : known;
}

/** The number of the call that a file name belongs to. */
export function indexOf(file: string, name: string): number | undefined {
  if (!file.startsWith(`${name}_`)) return undefined;
  const digits = /^(0|[1-9]\d*)\.(?:h5|msgpack)$/.exec(file.slice(name.length + 1))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The last word of the journal on each call that is done. */
export function doneEntries(entries: readonly ManifestEntry[]): Map<number, WrittenResult> {
  const done = new Map<number, WrittenResult>();
  for (const entry of entries) {
    if (entry.state !== "done") continue;
    const { i, file, bytes, crc32, shapes, code } = entry;
    done.set(i, {
      file,
      bytes,
      crc32,
      codeHash: code,
      ...(shapes === undefined ? {} : { shapes }),
    });
  }
  return done;
}
