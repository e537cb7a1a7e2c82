// Loads modules of node itself by name, synchronously, whatever module system asks.
// Modules of users and packages are imported elsewhere; these never touch the disk.

import { FunctionShipError } from "../ship-error.js";

interface Loader {
  getBuiltinModule(id: string): unknown;
}

/** A node: module; an error when this version of node does not have it. */
export function builtinModule(name: string): unknown {
  const module = (process as unknown as Loader).getBuiltinModule(name);
  if (module !== undefined) return module;
  throw new FunctionShipError("MODULE_NOT_FOUND", {
    what: `this version of node, ${process.version}, has no module ${name}`,
    hint: "run the same version of node on the client and the workers",
    location: name,
  });
}
