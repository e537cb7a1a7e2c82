// Public API of this package; nothing else is reachable from outside.

export {
  type NannyServer,
  type NannyServerOptions,
  startNanny,
} from "./nanny/shell/nanny-server.js";
export { RegistrationError } from "./shell/scheduler-link.js";
export type { WorkerServerOptions } from "./shell/worker-options.js";
export {
  startWorker,
  type WorkerEnd,
  type WorkerHooks,
  type WorkerServer,
} from "./shell/worker-server.js";
