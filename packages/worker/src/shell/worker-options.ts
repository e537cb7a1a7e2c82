// How to run one worker; plain data, so that a nanny can hand it to a process.
import type { Security } from "@acme/comm";

export interface WorkerServerOptions {
  /** Address of the scheduler. */
  scheduler: string;
  /** Address to listen on for peers; port 0 takes a free one. */
  listen: string;
  /** Shown to people; unique among the workers of a scheduler. */
  name: string;
  /** Slots for tasks. */
  nthreads: number;
  /** Null: no limit; nothing is spilled and nothing pauses. */
  memoryLimitBytes: number | null;
  /** Folder below which the worker makes its own; removed when it ends. */
  localDirectory: string;
  /** What this worker has of each named resource. */
  resources: Readonly<Record<string, number>>;
  /** Address of the nanny that watches this worker, if any. */
  nanny: string | null;
  security?: Security | undefined;
  /** Give up when the scheduler cannot be reached for this long; null: the core's default. */
  deathTimeoutMs?: number | null | undefined;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Check the whole state after every step; slow. */
  validate?: boolean | undefined;
}
