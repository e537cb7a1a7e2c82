// The executor room as the shell sees it: one class, its options, its events, and what a task can
// ask about itself. Everything else in this folder is its own business.
//
// The shell builds one `Executors`, queues each event for its next turn, hands `out.exec` to
// `apply` after every step (after `out.store`), and after a step that saw an `ok` outcome calls
// `takeResult(orderId)` once, for the store to keep or for nobody.
export { Executors } from "./executors.js";
export {
  type CurrentTask,
  currentTask,
  currentTaskSymbol,
  RescheduleError,
} from "./inside/task-context.js";
export { type ExecLimits, execLimits } from "./limits.js";
export { ExecutorDiedError, TaskRefusedError } from "./outcomes.js";
export type { ExecEvent, ExecLogger, ExecutorsOptions, StuckExecutor } from "./types.js";
