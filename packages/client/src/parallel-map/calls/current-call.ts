// The call that runs, for the function that is called: each chain of promises sees its own, also
// when a call that took too long still goes on beside the next one.
import { AsyncLocalStorage } from "node:async_hooks";
import { formatWithOptions } from "node:util";
import type { TaskContext } from "../task-context.js";
import { CallLog, type LogRules } from "./call-log.js";

/** What all calls of a run may be told. */
export interface ContextRules extends LogRules {
  /** Seed of the run. */
  readonly seed: number;
  /** Folder of the results; null where there is none. */
  readonly outputDir: string | null;
}

interface CallFacts {
  readonly index: number;
  readonly attempt: number;
  readonly timeLimitMs: number | undefined;
}

const callKey = Symbol.for("acme.call");
const taskKey = Symbol.for("acme.task");
const shared = globalThis as {
  [callKey]?: AsyncLocalStorage<CurrentCall>;
  [taskKey]?: { readonly signal: AbortSignal };
};

/** One call; what costs something is made only when it is asked for. */
export class CurrentCall implements TaskContext {
  readonly taskId: number;
  readonly attempt: number;
  readonly #rules: ContextRules;
  readonly #timeLimitMs: number | undefined;
  readonly #startMs = performance.now();
  #signal: AbortSignal | undefined;
  #log: CallLog | undefined;

  constructor(rules: ContextRules, { index, attempt, timeLimitMs }: CallFacts) {
    this.taskId = index;
    this.attempt = attempt;
    this.#rules = rules;
    this.#timeLimitMs = timeLimitMs;
  }

  get seed(): number {
    return seedOf(this.#rules.seed, this.taskId);
  }

  get outputDir(): string | undefined {
    return this.#rules.outputDir ?? undefined;
  }

  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    const task = shared[taskKey]?.signal ?? new AbortController().signal;
    const leftMs = (this.#timeLimitMs ?? 0) - (performance.now() - this.#startMs);
    this.#signal =
      this.#timeLimitMs === undefined
        ? task
        : AbortSignal.any([task, AbortSignal.timeout(Math.max(0, Math.floor(leftMs)))]);
    return this.#signal;
  }

  readonly log = (...values: readonly unknown[]): void => {
    this.#log ??= new CallLog(this.#rules, this.taskId, this.attempt);
    this.#log.write(`${formatWithOptions({ colors: false }, ...values)}\n`);
  };

  /** The last that was written. */
  get logTail(): string {
    return this.#log?.tail ?? "";
  }

  /** What was written, for the terminal of whoever asked for it. */
  get shownLog(): string {
    return this.#log?.shown ?? "";
  }

  /** Runs code as part of this call. */
  run<T>(code: () => T): T {
    shared[callKey] ??= new AsyncLocalStorage<CurrentCall>();
    captureConsole(shared[callKey]);
    return shared[callKey].run(this, code);
  }

  /** Nothing is written any more. */
  close(): void {
    this.#log?.close();
  }
}

/** Different for each call of a run, and spread over all 32 bits. */
export function seedOf(runSeed: number, index: number): number {
  let bits = Math.imul(runSeed ^ (runSeed >>> 15), 0x2c1b3c6d) ^ index;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const methods = ["log", "info", "debug", "warn", "error"] as const;
let isCaptured = false;

/** In an executor, what a call prints is its own; a process of the user's prints as it always does. */
function captureConsole(calls: AsyncLocalStorage<CurrentCall>): void {
  if (isCaptured || shared[taskKey] === undefined) return;
  isCaptured = true;
  for (const method of methods) {
    const original = console[method];
    console[method] = (...values: unknown[]) => {
      const call = calls.getStore();
      if (call === undefined) original.apply(console, values);
      else call.log(...values);
    };
  }
}
