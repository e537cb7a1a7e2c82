// Public API of this package; nothing else is reachable from outside.
export { type ContactSource, writeContactFile } from "./shell/contact-file.js";
export type { LogLevel } from "./shell/log.js";
export { hostScheduler, SchedulerStartError } from "./shell/scheduler-host.js";
export {
  type SchedulerEnd,
  type SchedulerServer,
  type SchedulerServerOptions,
  startScheduler,
} from "./shell/scheduler-server.js";
