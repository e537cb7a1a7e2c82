// From the options of a map to the rules of its core: defaults, and what is refused. It must not
// know what the core does with them.
import { ArgumentError } from "../../errors.js";
import type { ComputeMapOptions, RetryOptions } from "../compute-options.js";
import type { MapRules, RetryRules } from "../core/index.js";
import { mapLimits } from "../map-limits.js";

/** @throws ArgumentError for values that mean nothing */
export function mapRules(options: ComputeMapOptions): MapRules {
  const { onError = "throw", maxInFlight, timeLimitMs } = options;
  if (onError !== "throw" && onError !== "continue" && onError !== "fail-fast") {
    throw new ArgumentError(`onError "${onError}" is unknown: give throw, continue or fail-fast`);
  }
  if (maxInFlight !== undefined && !(Number.isSafeInteger(maxInFlight) && maxInFlight > 0)) {
    throw new ArgumentError(`maxInFlight is ${maxInFlight}: give a whole number from 1 on`);
  }
  if (timeLimitMs !== undefined && !(timeLimitMs > 0 && timeLimitMs <= mapLimits.timeLimitMaxMs)) {
    throw new ArgumentError(
      `timeLimitMs is ${timeLimitMs}: give milliseconds above 0, up to ${mapLimits.timeLimitMaxMs}`,
    );
  }
  return {
    onError,
    maxInFlight: maxInFlight ?? null,
    retries: retryRules(options.retries ?? 0),
    memoryBytes: options.memoryBytes ?? null,
  };
}

function retryRules(given: number | RetryOptions): RetryRules {
  const options = typeof given === "number" ? { max: given } : given;
  const rules: RetryRules = {
    max: options.max,
    backoffMs: options.backoffMs ?? mapLimits.backoffMs,
    backoffMaxMs: options.backoffMaxMs ?? mapLimits.backoffMaxMs,
    backoffFactor: options.backoffFactor ?? mapLimits.backoffFactor,
    memoryFactor: options.memoryFactor ?? mapLimits.memoryFactor,
  };
  const isRight =
    Number.isSafeInteger(rules.max) &&
    rules.max >= 0 &&
    [rules.backoffMs, rules.backoffMaxMs].every((ms) => Number.isFinite(ms) && ms >= 0) &&
    [rules.backoffFactor, rules.memoryFactor].every((x) => Number.isFinite(x) && x >= 1);
  if (isRight) return rules;
  throw new ArgumentError(
    "retries is a whole number from 0 on, or { max, backoffMs, backoffMaxMs, backoffFactor, " +
      "memoryFactor }: max as before, times from 0 on, factors from 1 on",
  );
}
