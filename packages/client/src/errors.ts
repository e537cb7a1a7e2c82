// What can go wrong for someone who uses a client, each with a literal code and the fields to act
// on. Errors of the user's own functions arrive as they were thrown, not wrapped in these.
import { AcmeError, type Death } from "@acme/protocol";

/** The future was cancelled: by `cancel()`, by a restart, with a lost input, or at the end. */
export class CancelledError extends AcmeError {
  readonly code = "CANCELLED";
  readonly key: string;
  /** Why, in a word or two: `"cancelled"`, `"restart"`, `"lost dependencies"`, `"closed"`. */
  readonly reason: string;

  constructor(key: string, reason: string, message = "") {
    super(`${key} was cancelled (${reason || "no reason given"})${message ? `: ${message}` : ""}`);
    this.key = key;
    this.reason = reason;
  }
}

/** A task failed, and not by its own error: the scheduler refused it, or Python raised it. */
export class TaskError extends AcmeError {
  readonly code = "TASK_FAILED";
  readonly key: string;
  /** The scheduler's own code, such as `"NO_VALID_WORKER"`, if it gave one. */
  readonly remoteCode: string | undefined;

  constructor(key: string, message: string, remoteCode?: string) {
    super(`${key} failed: ${message}`);
    this.key = key;
    this.remoteCode = remoteCode;
  }
}

interface LastWorker {
  readonly worker: string;
  readonly deaths: number;
  readonly death?: Death | undefined;
  readonly memoryLimitBytes?: number | undefined;
}

/** The workers that ran this task died of it, time and again. */
export class KilledWorker extends AcmeError {
  readonly code = "KILLED_WORKER";
  readonly key: string;
  /** Address of the last worker it killed. */
  readonly lastWorker: string;
  readonly deaths: number;
  /** How the last one ended; undefined if nobody said. */
  readonly death: Death | undefined;
  /** Bytes that the last worker might use; undefined if it had no limit. */
  readonly memoryLimitBytes: number | undefined;

  constructor(key: string, message: string, last: LastWorker) {
    super(message);
    this.key = key;
    this.lastWorker = last.worker;
    this.deaths = last.deaths;
    this.death = last.death;
    this.memoryLimitBytes = last.memoryLimitBytes;
  }
}

/** A finished value could not be fetched, however often it was tried. */
export class LostDataError extends AcmeError {
  readonly code = "LOST_DATA";
  readonly key: string;

  constructor(key: string, message: string) {
    super(
      `the value of ${key} could not be fetched: ${message}; look at the workers' logs, or retry()`,
    );
    this.key = key;
  }
}

/** Something did not happen within the given time; it may still happen. */
export class WaitTimeoutError extends AcmeError {
  readonly code = "TIMEOUT";
  readonly timeoutMs: number;

  constructor(what: string, timeoutMs: number) {
    super(`${what} did not happen within ${timeoutMs} ms; give a longer timeoutMs, or look why`);
    this.timeoutMs = timeoutMs;
  }
}

/** The client is closed, or its scheduler is gone for good. */
export class ClientClosedError extends AcmeError {
  readonly code = "CLIENT_CLOSED";

  constructor(reason: string) {
    super(`this client is closed (${reason}): connect another one`);
  }
}

/** The peer is no acme scheduler, or refuses this client. */
export class RegistrationError extends AcmeError {
  readonly code = "REGISTRATION_FAILED";
  readonly address: string;

  constructor(address: string, why: string) {
    super(`cannot register at ${address}: ${why}`);
    this.address = address;
  }
}

/** There is no cluster to connect to under what was given. */
export class NoClusterError extends AcmeError {
  readonly code = "NO_CLUSTER";
}

/** A future was used where it cannot be: released, of another client, or not yet named. */
export class FutureUseError extends AcmeError {
  readonly code = "FUTURE_USE";
}

/** Arguments that make no sense together: lists of different length, a cycle of tasks. */
export class ArgumentError extends AcmeError {
  readonly code = "BAD_ARGUMENT";
}
