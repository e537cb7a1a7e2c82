// What the user decides about a map, in full: options with their defaults filled in. How options
// are written, the engine knows.
import type { Death } from "@acme/protocol";

export interface MapRules {
  readonly onError: "throw" | "continue" | "fail-fast";
  /** Calls on their way at a time, results that nobody took yet included; null: by the cluster. */
  readonly maxInFlight: number | null;
  readonly retries: RetryRules;
  /** One call per task, however small they are. */
  readonly alone?: boolean;
  /** Memory that tasks ask of a worker at first; null: none. */
  readonly memoryBytes: number | null;
}

export interface RetryRules {
  /** Attempts after the first. */
  readonly max: number;
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  readonly backoffFactor: number;
  /** How much more memory an attempt gets than the one that died for want of it. */
  readonly memoryFactor: number;
}

/** The function gives the same again, and it is wrong again. */
const finalCodes: ReadonlySet<string> = new Set(["RESULT_SHAPE", "RESULT_VALUE"]);

/** Whether another attempt can end in another way. */
export const mayEndOtherwise = (code: string | null): boolean =>
  code === null || !finalCodes.has(code);

/**
 * Whether memory may have been what was missing: where a nanny or an executor says so, but also
 * where the system ends processes, or a batch system a whole worker, without a word.
 */
export const mayLackMemory = (death: Death | null): boolean =>
  death === "memory" || death === "killed" || death === "gone";

/** How long the next attempt has to wait after the one of this number, counted from 1. */
export function backoffAfter(attempt: number, rules: RetryRules): number {
  return Math.min(rules.backoffMaxMs, rules.backoffMs * rules.backoffFactor ** (attempt - 1));
}
