// What can go wrong between us and a batch system. Each error carries what the user needs to see:
// the command, what it printed, the script.
import { AcmeError } from "@acme/protocol";

/** An option of a job makes no sense; `option` is its path. */
export class JobOptionError extends AcmeError {
  readonly code = "JOB_OPTION";
  readonly option: string;

  constructor(option: string, why: string, cause?: unknown) {
    super(`${option}: ${why}`, { cause });
    this.option = option;
  }
}

/** What a command of the batch system printed is not understood. */
export class BatchOutputError extends AcmeError {
  readonly code = "BATCH_OUTPUT";
  readonly command: string;
  readonly output: string;

  constructor(command: string, output: string, why: string) {
    const shown = output.trim() === "" ? "nothing" : JSON.stringify(output.slice(0, 500));
    super(`${command} printed what is not understood (${why}): ${shown}`);
    this.command = command;
    this.output = output;
  }
}

export interface CommandFailure {
  readonly argv: readonly string[];
  /** Null: it did not end by itself, or was not there. */
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Another try may work: the batch system was busy, not the request wrong. */
  readonly transient: boolean;
  /** There is no such command on this machine. */
  readonly isMissing: boolean;
  readonly why: string;
}

/** A command of the batch system failed. */
export class CommandError extends AcmeError {
  readonly code = "BATCH_COMMAND";
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly transient: boolean;
  readonly isMissing: boolean;

  constructor(
    { argv, exitCode, stderr, transient, isMissing, why }: CommandFailure,
    cause?: unknown,
  ) {
    super(`${argv[0]} failed: ${why}`, { cause });
    this.argv = argv;
    this.exitCode = exitCode;
    this.stderr = stderr;
    this.transient = transient;
    this.isMissing = isMissing;
  }
}

/** The batch system refused the jobs. */
export class SubmitError extends AcmeError {
  readonly code = "SUBMIT_FAILED";
  readonly exitCode: number | null;
  /** What the command printed. */
  readonly stderr: string;
  /** What was submitted. */
  readonly script: string;

  constructor(message: string, script: string, cause?: unknown) {
    super(`The jobs were not submitted: ${message}`, { cause });
    const failure = cause instanceof CommandError ? cause : undefined;
    this.exitCode = failure?.exitCode ?? null;
    this.stderr = failure?.stderr ?? "";
    this.script = script;
  }
}

/** There will not be as many workers as somebody waits for, or not in the time given. */
export class WorkersNotStartedError extends AcmeError {
  readonly code = "WORKERS_NOT_STARTED";
}

/** The job that was to be the scheduler is none. */
export class SchedulerJobError extends AcmeError {
  readonly code = "SCHEDULER_JOB";
}

/** The scheduler that somebody else started does not answer. */
export class SchedulerAwayError extends AcmeError {
  readonly code = "SCHEDULER_AWAY";
}

/** The cluster cannot go on without this process, or there is none to attach to. */
export class DetachError extends AcmeError {
  readonly code = "DETACH";
}

/** The cluster is closed, or being closed. */
export class ClusterClosedError extends AcmeError {
  readonly code = "CLUSTER_CLOSED";
}

/** What was asked of a cluster of jobs makes no sense. */
export class JobClusterError extends AcmeError {
  readonly code = "JOB_CLUSTER";
}

/** A runner was not started by `srun`. */
export class NotUnderSrunError extends AcmeError {
  readonly code = "NOT_UNDER_SRUN";
  /** Variables that SLURM would have set. */
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(
      `This program makes a cluster of the processes of one srun, and SLURM has not set ` +
        `${missing.join(", ")}: start it as in \`srun -n 4 node program.mjs\``,
    );
    this.missing = missing;
  }
}

/** `srun` started fewer processes than a runner has roles. */
export class WorldTooSmallError extends AcmeError {
  readonly code = "WORLD_TOO_SMALL";
  readonly size: number;
  readonly needed: number;

  constructor(size: number, needed: number) {
    const roles = needed === 3 ? "a scheduler, a client and a worker" : "a scheduler and a worker";
    super(
      `srun started ${size} process${size === 1 ? "" : "es"}, and it takes ${roles}: give it ` +
        `-n ${needed} or more`,
    );
    this.size = size;
    this.needed = needed;
  }
}

/** The processes of a runner did not find each other in time. */
export class RunnerTimeoutError extends AcmeError {
  readonly code = "RUNNER_TIMEOUT";
}
