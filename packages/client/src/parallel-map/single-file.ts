// The container of a run with `output: "single"`: everything in one file, copied from the files of
// the calls, which are not needed any more when it is whole. Until then they are the truth.
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import {
  copyDataset,
  type GroupNode,
  group,
  inspectFile,
  type Member,
  streamedDataset,
} from "@acme/hdf5";
import { type FoundResult, findResults, firstElements } from "./file-elements.js";
import type { ResultLayout } from "./result-layout.js";
import { codeOf, payloadFile, type RunFolder } from "./run-folder.js";
import { stackedElements, stackedShape } from "./stacked-elements.js";
import type { WrittenResult } from "./write-result.js";

/** What of a run is copied. */
export interface CopiedRun {
  readonly payload: string;
  readonly layout: ResultLayout | null;
  readonly results: readonly (WrittenResult | undefined)[];
}

/** One array over all calls, whose elements are copied when it is written. */
export async function copiedStack({ payload, layout, results }: CopiedRun): Promise<Member> {
  return stackOf(layout as ResultLayout, await findResults(payload, results));
}

function stackOf(layout: ResultLayout, found: readonly (FoundResult | undefined)[]): Member {
  const sources = found.map(firstElements);
  return streamedDataset({
    shape: stackedShape(layout, sources),
    dtype: layout.dtype,
    blocks: () => stackedElements(layout, sources).blocks(),
  });
}

/** The members of the container: `comp_<i>/result_<k>`, and a stacked `result_0`. */
export async function copiedMembers(run: CopiedRun): Promise<Map<string, Member>> {
  const { payload, layout, results } = run;
  const members = new Map<string, Member>();
  const found = await findResults(payload, results);
  if (layout !== null) members.set("result_0", stackOf(layout, found));
  for (let i = 0; i < found.length; i++) {
    const component = await copiedComponent(found[i], layout !== null);
    if (component !== undefined) members.set(`comp_${i}`, component);
  }
  return members;
}

async function copiedComponent(
  found: FoundResult | undefined,
  isStacked: boolean,
): Promise<GroupNode | undefined> {
  const members = new Map<string, Member>();
  for (const summary of found?.datasets ?? []) {
    if (isStacked && summary.name === "result_0") continue;
    const copy = await copyDataset((found as FoundResult).path, summary);
    if (copy !== undefined) members.set(summary.name, copy);
  }
  return found === undefined || (isStacked && members.size === 0) ? undefined : group({ members });
}

/** Attribute of a container that holds every result there is to be. */
export const wholeAttribute = "holds_all";

/**
 * The results of a run whose container has them all, so that files of calls are not needed.
 *
 * @param known - what the journal says of each
 * @returns undefined if the container is not there, not whole or of another run
 */
export async function resultsInside(
  { container, payload }: RunFolder,
  run: { readonly runId: string; readonly name: string; readonly count: number | null },
  known: ReadonlyMap<number, WrittenResult>,
): Promise<Map<number, WrittenResult> | undefined> {
  const found = await inspectFile(container);
  const isWhole = found?.attributes.get(wholeAttribute) === 1n;
  if (!isWhole || found?.attributes.get("run_id") !== run.runId) return undefined;
  const count = run.count ?? Number(found.attributes.get("n_inputs"));
  const serialized = new Set(await namesIn(payload));
  const results = new Map<number, WrittenResult>();
  for (let i = 0; i < count; i++) {
    const fallback = payloadFile(run.name, i, "msgpack");
    const file = serialized.has(fallback) ? fallback : payloadFile(run.name, i);
    const shapes = file === fallback ? {} : { shapes: [] };
    results.set(i, known.get(i) ?? { file, bytes: 0, crc32: 0, ...shapes });
  }
  return results;
}

/** Removes the files of calls that are in the container; what HDF5 cannot hold stays. */
export async function removeCopied(payload: string): Promise<void> {
  for (const name of await namesIn(payload)) {
    if (name.endsWith(".h5")) await rm(join(payload, name), { force: true });
  }
  await rmdir(payload).catch((error: unknown) => {
    if (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "ENOENT") throw error;
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
