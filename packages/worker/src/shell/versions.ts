// What runs here, for version checks between peers. Reads the package and the process once.
// Judges nothing: whoever asks compares.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { version } = require("@acme/worker/package.json") as { version: string };

/** Version of this package. */
export const packageVersion = version;

/**
 * dask's shape: host and packages.
 *
 * @param packages - those of a scheduler of dask's, which compares them: nothing of them is used
 *   here, and every client would be warned that they are missing
 */
export function workerVersions(packages: unknown = { acme: version }): object {
  const host = { node: process.versions.node, OS: process.platform, machine: process.arch };
  return { host, packages };
}
