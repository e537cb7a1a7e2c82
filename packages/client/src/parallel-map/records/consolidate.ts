// Copies the results of a run into the container itself, as one array that any reader can show
// without opening a file per call. The files of the calls stay where they are.

import type { Attributes } from "@acme/hdf5";
import { decodeValue } from "@acme/serialize";
import { ArgumentError } from "../../errors.js";
import { consolidateContainer } from "../container.js";
import { runFolderAt } from "../run-folder.js";
import { readFrames } from "./frames-file.js";
import { readManifest } from "./manifest.js";
import { OwnerToken } from "./owner-token.js";
import { findRun, type WhichRun } from "./restore-run.js";
import { rulesOf } from "./run-file.js";
import { folderOf, type RunTarget } from "./run-target.js";
import { scanResults } from "./scan-results.js";

/**
 * Makes `result_0` of the container a real array instead of a view on the files of the calls: it
 * then reads at full speed, whatever the reader's limit of open files is, and can be copied alone.
 * Above 900 calls a run does so by itself. Memory stays below a few times the largest result, or
 * some 64 MiB; results that are missing are NaN, or 0 for whole numbers.
 *
 * @param target - the folder of the run, or the map
 * @param which - `name`: the function, where the folder holds runs of several
 * @returns path of the container
 * @throws NoRunError, RunInUseError; ArgumentError for a run without `resultShape`; Hdf5Error if
 *   the disk is full: the container is then as it was
 * @example
 * ```ts
 * const container = await consolidate("results");
 * ```
 */
export async function consolidate(target: RunTarget, which: WhichRun = {}): Promise<string> {
  const { run, paths, folder } = await findRun(folderOf(target), which);
  const { layout, kind = "files" } = rulesOf(run);
  if (layout === null) {
    throw new ArgumentError(
      `${folder} has no array over all results to consolidate: give resultShape when you compute it`,
    );
  }
  if (kind === "single") return runFolderAt(run.name, folder).container;
  const owner = await OwnerToken.claim(paths.folder);
  try {
    const { name } = run;
    const place = runFolderAt(name, folder, kind);
    const entries = await readManifest(paths.manifest);
    const limit = run.count ?? Number.POSITIVE_INFINITY;
    const scan = { payload: place.payload, name, count: limit, entries, distrust: !run.fsync };
    const { done } = await scanResults(scan);
    const count = run.count ?? Math.max(-1, ...done.keys()) + 1;
    const kept = (await decodeValue(await readFrames(paths.attributes))) as Attributes;
    const attributes = { ...kept, n_inputs: BigInt(count) };
    const facts = { name, count, folder: place, layout, kind, attributes };
    await consolidateContainer(
      facts,
      Array.from({ length: count }, (_, i) => done.get(i)),
    );
    return place.container;
  } finally {
    await owner.release();
  }
}
