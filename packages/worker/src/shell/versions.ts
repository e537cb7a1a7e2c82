// What runs here, for version checks between peers. Reads the package and the process once.
// Judges nothing: whoever asks compares.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { version } = require("@acme/worker/package.json") as { version: string };

/** Version of this package. */
export const packageVersion = version;

/** dask's shape: host and packages. */
export function workerVersions(): object {
  const host = { node: process.versions.node, OS: process.platform, machine: process.arch };
  return { host, packages: { acme: version } };
}
