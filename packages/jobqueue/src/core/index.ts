// The reconcile loop's core, as the shell uses it. Pure: no commands, no clock.

export { type AdaptRules, adaptDefaults } from "./adapt-rules.js";
export type { ReconcileEvent } from "./events.js";
export type { ReconcileLimits } from "./limits.js";
export { type News, newOutbox, type ReconcileOutbox } from "./outbox.js";
export type { JobReport } from "./report.js";
export { slotName, type WorkerSight } from "./slot.js";
export { newState, type ReconcileState } from "./state.js";
export { step } from "./step.js";
export * as view from "./view.js";
