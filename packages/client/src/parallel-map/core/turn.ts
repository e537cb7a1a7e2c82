// What every handler of an event gets: the state, the time, and where to say what is to be done.
// Nothing of it outlives the step.
import type { MapOutbox } from "./outbox.js";
import type { MapState } from "./state.js";

export interface Turn {
  readonly state: MapState;
  readonly nowMs: number;
  readonly out: MapOutbox;
}
