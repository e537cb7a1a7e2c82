// Version of this package, for what others read about its clusters.
// Reads it once; judges nothing.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export const packageVersion = (require("@acme/jobqueue/package.json") as { version: string })
  .version;
