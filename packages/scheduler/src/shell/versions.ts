// What runs here, for version checks between peers. Reads the process once.
import { createRequire } from "node:module";
import type { ShellContext } from "./shell-context.js";

const require = createRequire(import.meta.url);
const { version } = require("../../package.json") as { version: string };

/** Version of this package. */
export const packageVersion = version;

/** dask's shape: one entry for the scheduler, one per worker as it registered. */
export function versions({ state }: ShellContext): object {
  const workers = new Map<string, unknown>();
  for (const worker of state.workers.values()) {
    workers.set(worker.address, worker.details.get("versions") ?? null);
  }
  return { scheduler: { host: hostVersions(), packages: { acme: version } }, workers };
}

function hostVersions(): object {
  return { node: process.versions.node, OS: process.platform, machine: process.arch };
}
