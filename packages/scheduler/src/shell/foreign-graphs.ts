// What the shell needs from whoever knows Python, as an interface: the shell itself must not. A
// scheduler without it refuses what only Python can do.
import type { RpcPool } from "@acme/comm";
import type { PayloadHeader, WorkerAddress } from "@acme/protocol";
import type { UpdateGraph } from "../core/client-state.js";
import type {
  ForeignGraph,
  PlannedShuffle,
  PlanShuffle,
  PythonSettings,
  UnfoldFailure,
} from "../core/index.js";
import type { Uploads } from "./uploads.js";

/** What a scheduler hands on. */
export interface ForeignParts {
  readonly pool: RpcPool;
  /** Files of clients, which graphs may need when they are unfolded. */
  readonly uploads: Uploads;
}

/** Who is asked: a worker, or null: the process beside the scheduler. */
export type Unfolder = WorkerAddress | null;

/** Asks those whom the core has chosen; every failure to answer rejects with an AcmeError. */
export interface ForeignGraphs {
  readonly settings: PythonSettings;
  /** What can be read from the message at once; null: it takes Python. */
  quick(message: UpdateGraph): ForeignGraph | null;
  unfold(
    message: UpdateGraph,
    at: Unfolder,
    signal: AbortSignal,
  ): Promise<ForeignGraph | UnfoldFailure>;
  layOut(
    plan: PlanShuffle,
    at: WorkerAddress,
    signal: AbortSignal,
  ): Promise<PlannedShuffle | { error: string }>;
  /** Release of dask of the process beside the scheduler, which is started if need be. */
  helperDask(): Promise<string>;
  /** For every Python worker, by name. */
  readonly workerPlugins: ReadonlyMap<string, Uint8Array>;
  /** An error of the scheduler's own, by the fields of its payload, as Python's pickle of one. */
  exception(fields: PayloadHeader): Uint8Array;
  close(): Promise<void>;
}

export type MakeForeignGraphs = (parts: ForeignParts) => ForeignGraphs;
