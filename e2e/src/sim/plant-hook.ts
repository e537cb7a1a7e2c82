// A module hook of node: whoever loads the module that a planted bug is for gets it with the bug.
// Must not know what the bugs are; planted.ts has them, and the sources on disk stay as they are.
import type { LoadHook, ResolveHook } from "node:module";
import { type PlantedBug, plant } from "./planted.js";

let bug: PlantedBug | undefined;

export function initialize(data: PlantedBug): void {
  bug = data;
}

// A bug names a module of a core, so the core is loaded as modules instead of as one bundle.
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context);
  const modules = { core: "core/index.js", "nanny-core": "nanny/core/index.js" };
  const url = resolved.url.replace(
    /\/dist\/bundle\/(core|nanny-core)\.js$/,
    (_, name: keyof typeof modules) => `/dist/${modules[name]}`,
  );
  return { ...resolved, url };
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (bug === undefined || !url.endsWith(`/packages/${bug.module}`)) return loaded;
  return { ...loaded, source: plant(bug, Buffer.from(loaded.source as Uint8Array).toString()) };
};
