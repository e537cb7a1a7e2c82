// What every cluster is to a client: an address, a number of workers, an end. How its scheduler
// and workers are started is each cluster's own business.
import type { Security } from "@acme/comm";

/** A scheduler with workers that somebody started and will close. */
export interface Cluster extends AsyncDisposable {
  /** Where clients connect. */
  readonly schedulerAddress: string;
  /** What it takes to get in; undefined if connections are not encrypted. */
  readonly security?: Security | undefined;
  /** How many workers are wanted; they may still be starting. */
  readonly nWorkers: number;
  /** Starts or retires workers until there are this many. */
  scale(nWorkers: number): Promise<void>;
  /** Ends workers and scheduler; safe to call again. */
  close(): Promise<void>;
}
