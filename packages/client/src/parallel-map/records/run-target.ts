// How people name a run that is on disk: by its folder, or by the map that wrote it.
// What is done with it is not known here.
import { dirname } from "node:path";
import { ArgumentError } from "../../errors.js";

/** A map that was computed, or the folder of its run. */
export type RunTarget = string | { readonly resultsContainer: string | undefined };

/** The folder of a run. */
export function folderOf(target: RunTarget): string {
  if (typeof target === "string") return target;
  const { resultsContainer } = target;
  if (resultsContainer !== undefined) return dirname(resultsContainer);
  throw new ArgumentError("this map has written no files yet: compute() it, or give a folder");
}
