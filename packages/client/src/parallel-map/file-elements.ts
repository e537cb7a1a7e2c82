// Reads the elements of results from their files, for those who put them together in one array.
// What order they go in is not known here.
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type DatasetSummary, inspectFile } from "@acme/hdf5";
import { mapLimits } from "./map-limits.js";
import type { ElementSource } from "./stacked-elements.js";
import type { WrittenResult } from "./write-result.js";

/** A result file as it is on disk. */
export interface FoundResult {
  readonly path: string;
  readonly datasets: readonly DatasetSummary[];
}

/** Looks into the file of each result that is HDF5; undefined for the others, and for lost ones. */
export async function findResults(
  payload: string,
  results: readonly (WrittenResult | undefined)[],
): Promise<(FoundResult | undefined)[]> {
  const found = new Array<FoundResult | undefined>(results.length);
  let next = 0;
  const lane = async () => {
    while (next < results.length) {
      const at = next++;
      const result = results[at];
      if (result?.shapes === undefined) continue;
      const path = join(payload, result.file);
      const summary = await inspectFile(path);
      if (summary !== undefined) found[at] = { path, datasets: summary.datasets };
    }
  };
  await Promise.all(Array.from({ length: mapLimits.filesLookedAt }, lane));
  return found;
}

/** The elements of `result_0`. */
export function firstElements(found: FoundResult | undefined): ElementSource | undefined {
  const first = found?.datasets.find(({ name }) => name === "result_0");
  if (found === undefined || first?.contiguous === undefined) return undefined;
  const { path } = found;
  const { at: start = 0 } = first.contiguous;
  return {
    shape: first.shape,
    read: async (at, length) => {
      const bytes = new Uint8Array(length);
      if (length === 0) return bytes;
      const handle = await open(path, "r");
      try {
        for (let done = 0; done < length; ) {
          const { bytesRead } = await handle.read(bytes, done, length - done, start + at + done);
          if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
          done += bytesRead;
        }
      } finally {
        await handle.close();
      }
      return bytes;
    },
  };
}
