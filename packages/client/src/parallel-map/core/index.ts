// The core of one map: all that the engine needs of it.
export type { CallEnd, Fault, MapEvent, TaskId } from "./events.js";
export {
  type MapEnd,
  type MapOutbox,
  newOutbox,
  type Outcome,
  type Retry,
  type TaskOrder,
} from "./outbox.js";
export { type MapRules, mayLackMemory, type RetryRules } from "./rules.js";
export { type MapState, newState } from "./state.js";
export { step } from "./step.js";
export { validate } from "./validate.js";
