// What runs here, for version checks between peers. Reads the process once.
// Judges nothing: whoever asks compares.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { version } = require("@acme/scheduler/package.json") as { version: string };

/** Version of this package. */
export const packageVersion = version;

/** What the versions of peers are compared with. */
export const ownVersions = () => ({ node: process.versions.node, acme: version });

/**
 * dask's shape of the versions of one process, and its time; workers are asked by a broadcast.
 *
 * @param python - packages of the Python that works for this scheduler, for who compares those
 */
export function schedulerVersions(python: ReadonlyMap<string, unknown> | null) {
  const host = { node: process.versions.node, OS: process.platform, machine: process.arch };
  return { host, packages: python ?? { acme: version }, time: Date.now() / 1000 };
}
