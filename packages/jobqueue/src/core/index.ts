// The reconcile loop's core, as the shell and the tests use it. Pure: no commands, no clock.

export type { ReconcileEvent, RequestId } from "./events.js";
export { type ReconcileLimits, reconcileLimits } from "./limits.js";
export { newOutbox, type ReconcileOutbox, type Reply } from "./outbox.js";
export type { JobReport } from "./report.js";
export type { Phase, Slot, WorkerSight } from "./slot.js";
export { slotName } from "./slot.js";
export { newState, type ReconcileOptions, type ReconcileState } from "./state.js";
export { step } from "./step.js";
export * as view from "./view.js";
