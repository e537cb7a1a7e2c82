// How to run one worker; plain data, so that a nanny can hand it to a process.
// Where they come from (flags, configuration, a cluster) is left to others.
import type { Security } from "@acme/comm";

export interface WorkerServerOptions {
  /** Address of the scheduler. */
  scheduler: string;
  /** Address to listen on for peers; port 0 takes a free one. Of several, the first free one. */
  listen: string | readonly string[];
  /** Advertised to scheduler and peers instead of the address listened on. */
  contactAddress?: string | undefined;
  /** Shown to people; unique among the workers of a scheduler. */
  name: string;
  /** Slots for tasks. */
  nthreads: number;
  /** Null: no limit; nothing is spilled and nothing pauses. */
  memoryLimitBytes: number | null;
  /** Folder below which the worker makes its own, which is removed when it ends. */
  localDirectory: string;
  /** What this worker has of each named resource. */
  resources: Readonly<Record<string, number>>;
  /** GPUs that its tasks may see, as CUDA names them; undefined: nothing is said about any. */
  gpus?: readonly string[] | undefined;
  /** Address of the nanny that watches this worker, if any. */
  nanny: string | null;
  security?: Security | undefined;
  /**
   * Give up when there is no scheduler for this long. Null: at the start it waits without end,
   * as dask's worker does; once it was registered, as long as the core's limit says.
   */
  deathTimeoutMs?: number | null | undefined;
  /** After SIGTERM: for running tasks to end and values to be handed over. */
  leaveGraceMs?: number | undefined;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Check the whole state after every step; slow. */
  validate?: boolean | undefined;
}
