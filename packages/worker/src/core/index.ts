// The worker core as the shell and the simulator see it; nothing else of `core` is for others.
// Executors and the store import the types of events and outbox directly.
export type { WorkerEvent } from "./events.js";
export { exitCodes, type WorkerLimits, workerLimits } from "./limits.js";
export { type Left, newOutbox, type Outbox } from "./outbox.js";
export { newState, type WorkerCoreOptions, type WorkerState } from "./state.js";
export { step } from "./step.js";
export { transitionTable } from "./transition-table.js";
export { validate } from "./validate.js";
export * as view from "./view.js";
