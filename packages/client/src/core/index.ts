// The client core as a whole, for its shell and for the simulator.
export type { ClientEvent, Link } from "./events.js";
export {
  type ClientLogEntry,
  type ClientOutbox,
  type Delivered,
  type GatherOrder,
  newOutbox,
  type RemoteBytes,
  type Settled,
} from "./outbox.js";
export { type ClientState, type FutureEntry, type FutureStatus, newState } from "./state.js";
export { step } from "./step.js";
export { validate } from "./validate.js";
