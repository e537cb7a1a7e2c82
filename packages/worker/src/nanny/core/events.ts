// Everything that can happen to a nanny, as plain data: what its one child does, how much memory
// the child's process tree really takes, and what the scheduler asks.
import type { NannyRequest } from "@acme/protocol";

/** The largest of the processes that the child started, such as one that runs a single task. */
export interface DescendantMemory {
  readonly pid: number;
  readonly bytes: number;
}

export type NannyEvent =
  | { type: "started"; pid: number }
  /** The process could not even be made. */
  | { type: "start-failed"; message: string }
  /** Code 0 is a deliberate exit: asked to go, so not started again. */
  | { type: "exited"; code: number | null; signal: string | null }
  /** The child is registered with a scheduler. */
  | { type: "registered" }
  /** Real memory of the child and all its descendants, measured now and then. */
  | { type: "memory"; treeBytes: number; largest?: DescendantMemory | undefined }
  /** `kill`, `instantiate`, `restart`, `terminate` and `close_gracefully`. */
  | { type: "request"; requestId: number; request: NannyRequest }
  /** SIGTERM to the nanny itself: end the child within `graceMs`, then go. */
  | { type: "leave"; graceMs: number };
