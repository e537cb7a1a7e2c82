// What a program needs that runs a scheduler in a thread: the host, and nothing that the thread
// itself would load.
export { hostScheduler, SchedulerStartError } from "./scheduler-host.js";
export type { SchedulerEnd, SchedulerServer, SchedulerServerOptions } from "./scheduler-server.js";
