// A time limit for one call, where it runs. Code that never waits is interrupted in the middle of
// its loop; for code that waits the limit is over at its time, whatever it still does.
import { Script } from "node:vm";
import { AcmeError } from "@acme/protocol";

/** A call took longer than `timeLimitMs` allows. */
export class CallTimeoutError extends AcmeError {
  readonly code = "CALL_TIMEOUT";
  readonly timeLimitMs: number;

  constructor(timeLimitMs: number) {
    super(
      `the call took longer than its time limit of ${timeLimitMs} ms: give a higher timeLimitMs, ` +
        "or look what it waits for",
    );
    this.timeLimitMs = timeLimitMs;
  }
}

/** Only code that a script runs can be interrupted from outside. */
const callSymbol = Symbol.for("acme.timed-call");
/** Where code that is called finds the signal of its time limit, until it waits for the first time. */
const signalSymbol = Symbol.for("acme.call-signal");
const script = new Script("globalThis[Symbol.for('acme.timed-call')]()");
const calls = globalThis as {
  [callSymbol]?: (() => unknown) | undefined;
  [signalSymbol]?: AbortSignal | undefined;
};

/**
 * The value of a call, or of its promise, if it comes in time.
 *
 * @throws CallTimeoutError; what the call throws
 */
export async function within(timeLimitMs: number, call: () => unknown): Promise<unknown> {
  const startMs = performance.now();
  const over = new AbortController();
  calls[signalSymbol] = over.signal;
  const returned = runInterruptibly(timeLimitMs, call);
  const leftMs = Math.max(0, timeLimitMs - (performance.now() - startMs));
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new CallTimeoutError(timeLimitMs);
      over.abort(error);
      reject(error);
    }, leftMs);
  });
  try {
    return await Promise.race([returned, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

function runInterruptibly(timeLimitMs: number, call: () => unknown): unknown {
  calls[callSymbol] = call;
  try {
    return script.runInThisContext({ timeout: Math.max(1, Math.ceil(timeLimitMs)) });
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      throw new CallTimeoutError(timeLimitMs);
    }
    throw error;
  } finally {
    calls[callSymbol] = undefined;
    calls[signalSymbol] = undefined;
  }
}
