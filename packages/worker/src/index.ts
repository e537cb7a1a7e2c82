// Public API of this package; nothing else is reachable from outside.

export {
  type NannyServer,
  type NannyServerOptions,
  startNanny,
} from "./nanny/shell/nanny-server.js";
export { machineMemoryBytes } from "./shell/machine.js";
export { RegistrationError, SchedulerLostError } from "./shell/scheduler-link.js";
export { claimWorkFolder, defaultWorkFolder, WorkFolderError } from "./shell/work-folder.js";
export type { WorkerServerOptions } from "./shell/worker-options.js";
export {
  startWorker,
  type WorkerEnd,
  type WorkerHooks,
  type WorkerServer,
} from "./shell/worker-server.js";
