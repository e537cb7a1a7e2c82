// What can go wrong in the command beyond what other packages say; `code` is what programs look at,
// the message tells people what to do.
import { AcmeError } from "@acme/protocol";

/** The cluster has a directory but no scheduler. */
export class NoSchedulerError extends AcmeError {
  readonly code = "NO_SCHEDULER";
  readonly cluster: string;

  constructor(cluster: string, why: string) {
    super(`${why}. Start it with: acme-scheduler --name ${cluster}`);
    this.cluster = cluster;
  }
}

/** The scheduler's HTTP server did not tell its status. */
export class StatusError extends AcmeError {
  readonly code = "STATUS_FAILED";
}

/** ssh failed, or what came through it is no cluster. */
export class TunnelError extends AcmeError {
  readonly code = "TUNNEL_FAILED";
}

/** A word on the command line makes no sense. */
export class UsageError extends AcmeError {
  readonly code = "USAGE";
}

/** The words of a map make no sense. */
export class MapUsageError extends AcmeError {
  readonly code = "MAP_USAGE";
}

/** No batch system that could tell about jobs is on this machine. */
export class NoQueueError extends AcmeError {
  readonly code = "NO_QUEUE";

  constructor() {
    super(
      "There is no SLURM on this machine. Jobs of PBS and Grid Engine carry no mark of their " +
        "cluster: see qstat",
    );
  }
}
