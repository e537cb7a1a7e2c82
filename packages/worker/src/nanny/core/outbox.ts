// Everything a nanny wants done, as plain data. Emptied by the shell after every step; done in
// the order start, signals, replies.

export interface NannyLogEntry {
  level: "info" | "warn" | "error";
  message: string;
  fields?: Readonly<Record<string, unknown>>;
}

export interface NannyOutbox {
  /** Start the child; `attempt` counts starts since the last one that registered, from 1. */
  start: { attempt: number } | null;
  /** Send to the child; SIGKILL to its whole process group. */
  signals: ("SIGTERM" | "SIGKILL")[];
  /** Processes that the child started, to be killed in its place. */
  killDescendants: number[];
  replies: { requestId: number; reply: unknown }[];
  log: NannyLogEntry[];
  /** Call `step` again no later than this, milliseconds; null: no need. */
  wakeAtMs: number | null;
  /** The nanny is done; its process may end with this code. */
  exit: { code: number } | null;
}

/** An empty outbox. */
export function newNannyOutbox(): NannyOutbox {
  return {
    start: null,
    signals: [],
    killDescendants: [],
    replies: [],
    log: [],
    wakeAtMs: null,
    exit: null,
  };
}
