// What the shell needs from whoever knows Python, as an interface: the shell itself must not. A
// scheduler without it refuses what only Python can do.
import type { RpcPool } from "@acme/comm";
import type { PayloadHeader } from "@acme/protocol";
import type { UpdateGraph } from "../core/client-state.js";
import type {
  ForeignGraph,
  LogEntry,
  PlannedShuffle,
  PlanShuffle,
  UnfoldFailure,
  view,
} from "../core/index.js";
import type { Uploads } from "./uploads.js";

/** One graph that is to be unfolded. */
export interface UnfoldRequest {
  readonly client: string;
  readonly message: UpdateGraph;
  /** Release of dask that the client runs; null: it did not say. */
  readonly dask: string | null;
  /** Aborts when nobody wants the graph any more. */
  readonly signal: AbortSignal;
}

/** What a scheduler hands on. */
export interface ForeignParts {
  readonly pool: RpcPool;
  /** The Python workers that take requests, the least busy one first. */
  readonly workers: () => view.ForeignWorker[];
  /** Files of clients, which graphs may need when they are unfolded. */
  readonly uploads: Uploads;
  readonly log: (entry: LogEntry) => void;
}

export interface ForeignGraphs {
  /** What can be read from the message at once; null: it takes Python. */
  quick(message: UpdateGraph): ForeignGraph | null;
  /** Never rejects for what a user's code does. */
  unfold(request: UnfoldRequest): Promise<ForeignGraph | UnfoldFailure>;
  /** Never rejects. */
  layOut(plan: PlanShuffle, signal: AbortSignal): Promise<PlannedShuffle | { error: string }>;
  /** For every Python worker, by name. */
  readonly workerPlugins: ReadonlyMap<string, Uint8Array>;
  /** An error of the scheduler's own, by the fields of its payload, as Python's pickle of one. */
  exception(fields: PayloadHeader): Uint8Array;
  close(): Promise<void>;
}

export type MakeForeignGraphs = (parts: ForeignParts) => ForeignGraphs;
