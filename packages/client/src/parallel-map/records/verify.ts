// Looks whether what a run says it has is there and whole: every result against its checksum and its
// own headers, the container, and what does not belong there. Changes nothing.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isCompleteFile, isTemporaryName } from "@acme/hdf5";
import { checksum, describeResult } from "../result-file.js";
import { codeOf, runFolderAt } from "../run-folder.js";
import { resultsInside } from "../single-file.js";
import type { WrittenResult } from "../write-result.js";
import { readManifest } from "./manifest.js";
import { recordLimits } from "./record-limits.js";
import { findRun, type WhichRun } from "./restore-run.js";
import { folderOf, type RunTarget } from "./run-target.js";
import { doneEntries, indexOf } from "./scan-results.js";

/** One thing that is not as it must be. */
export interface VerifyProblem {
  /** The call, where it is about one. */
  readonly index?: number;
  /** Path of the file. */
  readonly path: string;
  readonly problem: "missing" | "size" | "checksum" | "structure" | "left-over";
  /** The same for people. */
  readonly text: string;
}

/** What {@link verify} found. */
export interface VerifyReport {
  readonly ok: boolean;
  /** Results that were looked at. */
  readonly checked: number;
  /** Calls that have a result; the others are among the problems as `missing`. */
  readonly present: number;
  readonly problems: readonly VerifyProblem[];
}

/**
 * Checks the results of a run: each file's size and CRC-32 against the journal, the checksums of its
 * headers, the container, and what was left over. It reads all files once and changes none.
 *
 * @param target - the folder of the run, or the map
 * @param which - `name`: the function, where the folder holds runs of several
 * @throws NoRunError if there is no run
 * @example
 * ```ts
 * const { ok, problems } = await verify("results");
 * for (const { text } of problems) console.error(text);
 * ```
 */
export async function verify(target: RunTarget, which: WhichRun = {}): Promise<VerifyReport> {
  const { run, paths, folder } = await findRun(folderOf(target), which);
  const { output = "files" } = run;
  const place = runFolderAt(run.name, folder, output);
  const { payload, container } = place;
  const problems: VerifyProblem[] = [];
  const journal = doneEntries(await readManifest(paths.manifest));
  const files = new Map<number, string>();
  for (const file of await namesIn(payload)) {
    const index = indexOf(file, run.name);
    if (index !== undefined) files.set(index, file);
    else if (output !== "serialized" || isTemporaryName(file))
      problems.push(problem("left-over", join(payload, file), leftOver(file)));
  }
  const waiting = [...files];
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [index, file] = next;
      const found = await checkFile(payload, file, journal.get(index));
      if (found !== undefined) problems.push({ index, ...found });
    }
  };
  await Promise.all(Array.from({ length: recordLimits.filesAtOnce }, lane));
  const count = run.count ?? Math.max(-1, ...journal.keys(), ...files.keys()) + 1;
  const inside = output === "single" ? await resultsInside(place, run, journal) : undefined;
  for (let index = 0; index < count; index++) {
    if (files.has(index) || inside?.has(index)) continue;
    const path = join(payload, `${run.name}_${index}.h5`);
    problems.push({ index, ...problem("missing", path, "there is no result") });
  }
  if (output !== "serialized" && !(await isCompleteFile(container))) {
    problems.push(
      problem("structure", container, "the container is missing or cut: resume the run"),
    );
  }
  problems.sort((a, b) => (a.index ?? -1) - (b.index ?? -1));
  const present = inside?.size ?? files.size;
  return { ok: problems.length === 0, checked: files.size, present, problems };
}

const problem = (kind: VerifyProblem["problem"], path: string, why: string) => ({
  path,
  problem: kind,
  text: `${path}: ${why}`,
});

const leftOver = (file: string) =>
  isTemporaryName(file)
    ? "a temporary file of a process that died"
    : "this is no result of the run";

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function checkFile(
  payload: string,
  file: string,
  known: WrittenResult | undefined,
): Promise<Omit<VerifyProblem, "index"> | undefined> {
  const path = join(payload, file);
  if (known?.file === file) {
    const { size } = await stat(path);
    if (size !== known.bytes) {
      return problem("size", path, `${size} bytes, ${known.bytes} were written: delete and resume`);
    }
    if ((await checksum(path)) !== known.crc32) {
      return problem("checksum", path, "its content has changed since: delete and resume");
    }
    return undefined;
  }
  if ((await describeResult(payload, file)) !== undefined) return undefined;
  return problem("structure", path, "it is cut or damaged: resume the run");
}
