// What a program needs that keeps workers in processes of their own: nannies, and nothing that a
// worker itself would load.
export { machineMemoryBytes } from "../../shell/machine.js";
export { claimWorkFolder, defaultWorkFolder, WorkFolderError } from "../../shell/work-folder.js";
export type { WorkerServerOptions } from "../../shell/worker-options.js";
export { type NannyServer, type NannyServerOptions, startNanny } from "./nanny-server.js";
