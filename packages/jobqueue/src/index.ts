// Public API of this package: clusters whose workers are jobs of a batch system. Nothing else is
// reachable from outside.

export { BatchOutputError, JobOptionError } from "./errors.js";
export type { JobOptions } from "./options/job-options.js";
