// A module hook of node: whoever loads the module that a planted bug is for gets it with the bug.
// Must not know what the bugs are; planted.ts has them, and the sources on disk stay as they are.
import type { LoadHook } from "node:module";
import { type PlantedBug, plant } from "./planted.js";

let bug: PlantedBug | undefined;

export function initialize(data: PlantedBug): void {
  bug = data;
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (bug === undefined || !url.endsWith(`/packages/${bug.module}`)) return loaded;
  return { ...loaded, source: plant(bug, Buffer.from(loaded.source as Uint8Array).toString()) };
};
