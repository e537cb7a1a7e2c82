// The latest lines of the log, kept for whoever looks at a status later. Bounded.
// No decision reads them; what is worth a line is said where it happens.
import { coreLimits } from "./limits.js";
import type { LogEntry } from "./outbox.js";

export interface Notice {
  atMs: number;
  level: LogEntry["level"];
  text: string;
}

export function keepNotice(notices: Notice[], { level, text }: LogEntry, atMs: number): void {
  notices.push({ atMs, level, text });
  if (notices.length <= 2 * coreLimits.noticesKept) return;
  notices.splice(0, notices.length - coreLimits.noticesKept);
}
