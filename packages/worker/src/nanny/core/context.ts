// What the rooms of the nanny core are handed during one step.
// Everything that leaves the core goes through its outbox.
import type { NannyLogEntry, NannyOutbox } from "./outbox.js";
import type { NannyState } from "./state.js";

export interface NannyCore {
  readonly state: NannyState;
  readonly out: NannyOutbox;
  readonly nowMs: number;
}

export function log(
  core: NannyCore,
  level: NannyLogEntry["level"],
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  core.out.log.push({ level, message, fields });
}
