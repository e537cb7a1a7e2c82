// The nanny core as its shell and the simulator see it; nothing else of it is for others.
export type { NannyEvent } from "./events.js";
export { type NannyLimits, nannyExitCodes, nannyLimits } from "./limits.js";
export { type NannyOutbox, newNannyOutbox } from "./outbox.js";
export { type NannyOptions, type NannyState, newNannyState } from "./state.js";
export { step } from "./step.js";
