// What a map writes down of itself beside its results, as the rest of the map sees it: which calls
// are done already, and what happened to the others. What is written where is left to the files
// beside this one; how calls are run, to the engine.
import type { Attributes } from "@acme/hdf5";
import type { Client } from "../../client.js";
import type { WrittenResult } from "../write-result.js";

/** What a run begins with. */
export interface RunPlan {
  /** Calls whose results are on disk, whole, from earlier sessions of this run. */
  readonly done: ReadonlyMap<number, WrittenResult>;
  /** Counts how often this run was begun: 1 for a new one. */
  readonly session: number;
  /** Nothing of the run was there before. */
  readonly isNew: boolean;
  /** One file holds all results, and those of the calls may be gone. */
  readonly isMerged?: boolean | undefined;
}

/** Where a session runs, known once its calls can be sent. */
export interface SessionFacts {
  /** Address of the scheduler. */
  readonly scheduler: string;
  /** Whose client it is, in words. */
  readonly origin?: string | undefined;
  /** Its workers are asked whether they see the folder. */
  readonly client?: Client | undefined;
}

/** Where and how one call ran; all that is known of it. */
export interface CallFacts {
  readonly attempt?: number | undefined;
  /** Address or name of the worker. */
  readonly worker?: string | undefined;
  readonly host?: string | undefined;
  /** The batch system's id of the job that the worker belonged to. */
  readonly jobId?: string | undefined;
  readonly durationMs?: number | undefined;
}

/** A call that failed for good. */
export interface CallFailure extends CallFacts {
  readonly error: Error;
  /** The last lines that the call printed. */
  readonly logTail?: string | undefined;
}

export type RunOutcome = "done" | "failed" | "cancelled";

/** What every result is told to keep of the run that made it. */
export interface ResultOrigin {
  readonly runId: string;
  /** SHA-256 of the function. */
  readonly codeHash: string;
  /** False: results are not flushed to the disk before they get their names. */
  readonly fsync: boolean;
  /** From which the seeds of calls are made. */
  readonly seed: number;
}

/**
 * The records of one run, in the hands of the process that drives it. `plan` first, `began` once a
 * cluster is there, then `done` and `failed` per call as it ends, `finish` in every case.
 */
export interface RunRecords {
  /** For the attributes of results; travels with the calls. */
  readonly origin: ResultOrigin;
  /**
   * Aborted when going on makes no sense: the folder is gone, nothing can be written there, or
   * another process has taken the run over. The reason is the error to throw.
   */
  readonly lost: AbortSignal;
  /** For the container: who made its results, when and with what. */
  readonly attributes: Attributes;
  plan(): RunPlan;
  /** @throws FolderNotSharedError if workers cannot write results where they are wanted */
  began(facts: SessionFacts): Promise<void>;
  /** Costs no I/O; what is told is written in batches. */
  done(index: number, written: WrittenResult, facts?: CallFacts): void;
  failed(index: number, failure: CallFailure): void;
  /** Writes what is left and lets go of the folder; call it once, whatever happened. */
  finish(outcome: RunOutcome): Promise<void>;
  /** Removes the records of a run that could not begin, unless an earlier session did. */
  discard(): Promise<void>;
}

const nothingDone: RunPlan = { done: new Map(), session: 1, isNew: true };

/** Records of a run that leaves nothing on disk. */
export function noRecords(seed: number): RunRecords {
  return {
    origin: { runId: "", codeHash: "", fsync: false, seed },
    lost: new AbortController().signal,
    attributes: {},
    plan: () => nothingDone,
    began: async () => undefined,
    done: () => undefined,
    failed: () => undefined,
    finish: async () => undefined,
    discard: async () => undefined,
  };
}
