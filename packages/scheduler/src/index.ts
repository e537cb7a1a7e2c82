// Public API of this package; nothing else is reachable from outside. Hosting a scheduler in a
// thread, which needs little of the rest, has an entry of its own: `@acme/scheduler/host`.
export type { LogLevel } from "./shell/log.js";
export {
  type SchedulerEnd,
  type SchedulerServer,
  type SchedulerServerOptions,
  startScheduler,
} from "./shell/scheduler-server.js";
