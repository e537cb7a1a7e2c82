// What runs here, for version checks between peers. Reads the process and the package once;
// whether versions fit is the scheduler's decision.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { version } = require("@acme/client/package.json") as { version: string };

/** dask's shape of the versions of one process. */
export const hostVersions = (): object => ({
  host: { node: process.versions.node, OS: process.platform, machine: process.arch },
  packages: { acme: version },
});
