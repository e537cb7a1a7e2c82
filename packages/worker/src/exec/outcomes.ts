// How orders ended, in the words of the worker core: from results, from refusals and from deaths.
// It must not know which executor, only what it said.
import { AcmeError, type Death, encodePlainError, keySplit, Serialized } from "@acme/protocol";
import type { FailedOutcome, OkOutcome, Slot } from "../core/events.js";
import type { StoredValue } from "../store/spill-files.js";
import type { ExecutorExit } from "./executor.js";
import type { ErrorReport } from "./reports.js";
import type { Run } from "./run.js";
import { payloadOf } from "./value-form.js";

/** An executor ended while a task ran in it. */
export class ExecutorDiedError extends AcmeError {
  readonly code = "EXECUTOR_DIED";
  readonly key: string;
  readonly slot: Slot;
  readonly death: Death;

  constructor(run: Run, exit: ExecutorExit) {
    const { key, slot } = run.order;
    const name = run.template?.name ?? keySplit(key);
    super(
      `task ${key} (${name}) died: ${exit.who} that ran it in slot ${slot} ${exit.what}\n` +
        `  what to do: ${exit.advice}`,
    );
    this.key = key;
    this.slot = slot;
    this.death = exit.death;
  }
}

/** A task that this worker cannot run at all. */
export class TaskRefusedError extends AcmeError {
  readonly code = "TASK_REFUSED";
  readonly key: string;

  constructor(key: string, reason: string) {
    super(`task ${key} cannot run here: ${reason}`);
    this.key = key;
  }
}

interface Result {
  readonly typename: string;
  readonly startMs: number;
  readonly stopMs: number;
}

export function okOutcome(result: Result, value: StoredValue, inlineBytes: number): OkOutcome {
  const { typename, startMs, stopMs } = result;
  const nbytes = value.nbytes;
  const outcome: OkOutcome = { type: "ok", nbytes, typename, startMs, stopMs };
  if (nbytes <= inlineBytes && value instanceof Serialized) outcome.inline = value;
  return outcome;
}

export function errorOutcome(report: ErrorReport): FailedOutcome {
  const { type, exceptionText, tracebackText, startMs, stopMs } = report;
  return {
    type,
    exception: payloadOf(report),
    traceback: null,
    exceptionText,
    tracebackText,
    startMs,
    stopMs,
  };
}

/** An error that did not come from user code. */
export function failedOutcome(type: FailedOutcome["type"], error: Error): FailedOutcome {
  const nowMs = Date.now();
  return {
    type,
    ...(error instanceof ExecutorDiedError ? { death: error.death } : {}),
    exception: encodePlainError(error),
    traceback: null,
    exceptionText: `${error.name}: ${error.message}`,
    tracebackText: "",
    startMs: nowMs,
    stopMs: nowMs,
  };
}
