// What user code may ask about the task it runs in, found under a registered symbol of the global
// object, so that other packages read it without importing this one.
import { AcmeError } from "@acme/protocol";

/** The task that user code is running in. */
interface CurrentTask {
  /** The key of the task. */
  readonly key: string;
  /** The address of the worker; empty if it has none yet. */
  readonly workerAddress: string;
  /** Aborts when the task is cancelled; soon after, the executor is killed. */
  readonly signal: AbortSignal;
  /** The same for code that never waits: true at once, in the middle of a loop. */
  readonly isCancelled: boolean;
  /** Leaves the slot to other tasks while this one goes on, for example to wait for them. */
  secede(): void;
  /** Ends this run, by throwing; the scheduler picks a worker anew. */
  reschedule(): never;
}

/** Thrown by `reschedule()`; a task that throws it has neither failed nor finished. */
class RescheduleError extends AcmeError {
  readonly code = "RESCHEDULE";

  constructor() {
    super("this task asked to be run elsewhere: let the error of reschedule() pass");
  }
}

/** Where the global object holds the current task. */
const currentTaskSymbol = Symbol.for("acme.task");

/** What a context asks of the executor. */
interface TaskHooks {
  isCancelled(): boolean;
  secede(): void;
}

/** One run of a task; the signal is made only for code that asks for it. */
export class TaskContext implements CurrentTask {
  readonly key: string;
  readonly workerAddress: string;
  readonly #hooks: TaskHooks;
  #controller: AbortController | undefined;

  constructor(key: string, workerAddress: string, hooks: TaskHooks) {
    this.key = key;
    this.workerAddress = workerAddress;
    this.#hooks = hooks;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isCancelled) this.abort();
    return this.#controller.signal;
  }

  get isCancelled(): boolean {
    return this.#hooks.isCancelled();
  }

  secede(): void {
    this.#hooks.secede();
  }

  reschedule(): never {
    throw new RescheduleError();
  }

  /** The task was cancelled. */
  abort(): void {
    this.#controller?.abort();
  }
}

/** Publishes which task runs; `current` is asked each time. */
export function publishCurrentTask(current: () => TaskContext | undefined): void {
  Object.defineProperty(globalThis, currentTaskSymbol, { get: current, configurable: true });
}
