// What a lane needs from an executor, whichever kind: two implementations, a thread and a child
// process. An executor carries batches and ends; it decides nothing.
import type { Death } from "@acme/protocol";
import type { BatchWriter } from "./batch.js";
import type { Cells } from "./cells.js";
import type { Report } from "./reports.js";

/** How an executor ended. */
export interface ExecutorExit {
  /** `the thread`, `the process 4711`. */
  readonly who: string;
  /** What happened: `was killed by SIGSEGV`. */
  readonly what: string;
  /** What the user can do about it. */
  readonly advice: string;
  readonly death: Death;
}

/** Who is told about an executor. */
export interface ExecutorListener {
  onReport(report: Report): void;
  /** Something may have ended in the cells. */
  onBell(): void;
  /** Nothing is reported any more. */
  onExit(exit: ExecutorExit): void;
  /** It was killed and does not end. */
  onStuck(what: string): void;
}

export interface Executor {
  readonly kind: "thread" | "process";
  /** Orders that it may hold at once. */
  readonly capacity: number;
  /** Shared states of its orders; null: there are none. */
  readonly cells: Cells | null;
  /** Collects commands; `flush` sends them. */
  readonly writer: BatchWriter;
  readonly isReady: boolean;
  /** Bytes of its output go to the slot that uses it. */
  attach(listener: ExecutorListener, onOutput: (chunk: Uint8Array) => void): void;
  flush(): void;
  /** Has it free memory that nobody uses, as soon as it gets to it. */
  collectGarbage(): void;
  /** Ends it at once, whatever it does; `onExit` follows. */
  kill(): void;
  /** Lets it end by itself, with its own exit handlers; killed if that takes long. */
  close(): void;
}
