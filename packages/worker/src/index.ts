// Public API of this package; nothing else is reachable from outside. Nannies, which need little of
// the rest, have an entry of their own: `@acme/worker/nanny`.
export { RegistrationError, SchedulerLostError } from "./shell/scheduler-link.js";
export { WorkFolderError } from "./shell/work-folder.js";
export type { WorkerServerOptions } from "./shell/worker-options.js";
export {
  startWorker,
  type WorkerEnd,
  type WorkerHooks,
  type WorkerServer,
} from "./shell/worker-server.js";
