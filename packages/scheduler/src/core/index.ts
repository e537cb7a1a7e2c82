// The scheduler core as the shell and the simulator see it; nothing else of `core` is for others.
export type { ErrandTask, PythonSettings } from "./errands/errands.js";
export type {
  CoreRequest,
  Link,
  RequestId,
  SchedulerEvent,
  UnfoldFailure,
  WorkerRegistration,
} from "./events.js";
export type { PlannedShuffle, PlanShuffle } from "./extensions/shuffle/shuffles.js";
export type { ForeignGraph } from "./foreign-graph.js";
export { coreLimits, type SchedulerOptions } from "./limits.js";
export { newLife } from "./new-life.js";
export {
  type Call,
  clearOutbox,
  type ErrandOrder,
  type LogEntry,
  newOutbox,
  type Outbox,
  type OutMessage,
  type Reply,
  type Transfer,
} from "./outbox.js";
export { load, type SavedState, save } from "./save.js";
export { newState, type SchedulerState } from "./state.js";
export { step } from "./step.js";
export { transitionTable } from "./transitions/table.js";
export { validate } from "./validate.js";
export * as view from "./view.js";
