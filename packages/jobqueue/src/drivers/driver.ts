// What a batch system is to the rest: how to write a script for it, what to run to submit, cancel
// and ask, and what its answers mean. To add a system, write one file with this interface and
// enter it in drivers.ts. A driver runs nothing and knows no clock.
import type { ResolvedJob } from "../options/resolved-job.js";

export type BatchSystem = "slurm" | "pbs" | "sge";

/** One element of a job array, or a job of its own (`index` null). */
export interface JobRef {
  readonly jobId: string;
  readonly index: number | null;
}

/** A command as the shell of this package runs it: no shell in between. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string | undefined;
  /** Text of a file whose path is added as the last argument. */
  readonly file?: string | undefined;
  /** Lines of complaint after which the output counts all the same: a job is gone already. */
  readonly forgives?: RegExp | undefined;
}

/**
 * What the batch system says of a job. `ended` covers every way to be over; why is in `outcome`.
 * `ending` may come back: a job being requeued looks like one that is completing.
 */
export type BatchState = "pending" | "held" | "starting" | "running" | "ending" | "ended";

export type BatchOutcome =
  | "completed"
  | "failed"
  | "cancelled"
  | "timeout"
  | "out-of-memory"
  | "node-failed"
  | "preempted";

export interface JobStatus {
  readonly ref: JobRef;
  readonly state: BatchState;
  readonly outcome: BatchOutcome | null;
  /** The system's own word for the state, such as `PENDING`. */
  readonly word: string;
  /** Why it waits or why it ended, in the system's words; empty if it gives none. */
  readonly reason: string;
  /** It waits for something that will not come: the request itself has to change. */
  readonly isHopeless: boolean;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly nodes: string;
  /** When it started, or is expected to. */
  readonly startMs: number | null;
  /** When it ends at the latest. */
  readonly endMs: number | null;
  /** How often the system started it again. */
  readonly restarts: number;
  /** The tag of the cluster that it belongs to; empty if the system keeps none. */
  readonly comment: string;
}

export interface ScriptContext {
  /** Marks jobs as ours, where the system can keep a comment. */
  readonly tag: string;
  /** Lines that become one worker: the command, and what it needs around it. */
  readonly workerCommand: string;
}

/** Systems whose commands have the same names, but differ in what they take or print. */
export interface Dialects {
  readonly question: Command;
  /** From what the command printed, whether it succeeded or not. */
  choose(stdout: string, stderr: string): BatchDriver;
}

export interface BatchDriver {
  readonly system: BatchSystem;
  /** The script, as it is submitted. */
  script(job: ResolvedJob, context: ScriptContext): string;
  /** Submits `count` equal jobs by one command. */
  submit(script: string, count: number, job: ResolvedJob): Command;
  /** How many jobs one submission may have; null: as many as `core/limits.ts` says. */
  readonly arraySize: number | null;
  /** Other systems with the same commands, and how to find out which one is here. */
  readonly dialects: Dialects | null;
  /** @throws BatchOutputError */
  parseSubmit(stdout: string, count: number): JobRef[];
  /** As few commands as the system allows. */
  cancel(refs: readonly JobRef[]): Command[];
  /** Tells the workers of these jobs to finish and leave; null: the system cannot. */
  drainSignal(refs: readonly JobRef[]): Command | null;
  /** Asks for all of them at once. */
  poll(refs: readonly JobRef[]): Command;
  /** Another way to ask, for systems too old for the first; null: there is none. */
  pollFallback(refs: readonly JobRef[]): Command | null;
  /** Jobs that the answer does not name are unknown. @throws BatchOutputError, CommandError */
  parsePoll(stdout: string): JobStatus[];
  parsePollFallback(stdout: string): JobStatus[];
  /** Prints addresses of nodes, one per line; null: the system cannot tell. */
  readonly nodeAddresses: Command | null;
  /** Where the output of a job is; null: nowhere. */
  logFile(job: ResolvedJob, ref: JobRef): string | null;
  /** In the script: what the array index of this job is in, as shell text. */
  readonly slotExpression: string;
  /** In the script: how often the system has started this job again, as shell text. */
  readonly restartsExpression: string;
}
