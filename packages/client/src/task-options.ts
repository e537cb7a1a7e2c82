// How tasks are to run, as users say it, and as it goes on the wire. What a worker must have for
// it is the scheduler's decision.
import { inspect } from "node:util";
import type { ConstraintSpec } from "@acme/protocol";
import { ArgumentError } from "./errors.js";
import type { BatchOptions } from "./graph/call-batch.js";

/** Options of tasks, with dask's meaning where dask has them. */
export interface TaskOptions {
  /** Runs that may fail before the task does; default 0. */
  readonly retries?: number | undefined;
  /** Higher runs first; default 0. */
  readonly priority?: number | undefined;
  /** Addresses, names or hosts of the workers that may run it; default: all. */
  readonly workers?: string | readonly string[] | undefined;
  /** Others may run it when none of `workers` is there; default false. */
  readonly allowOtherWorkers?: boolean | undefined;
  /** Amounts of the workers' abstract resources that it occupies, such as `{ GPU: 1 }`. */
  readonly resources?: Readonly<Record<string, number>> | undefined;
  /** Slots of one worker that it occupies; default 1. */
  readonly slots?: number | undefined;
  /** Where on the worker it runs: a thread of its slot (default) or a process. */
  readonly executor?: "thread" | "process" | undefined;
  /** Only workers that live that much longer, in milliseconds. */
  readonly maxDurationMs?: number | undefined;
  /** Only workers with that much memory, in bytes. */
  readonly memoryBytes?: number | undefined;
  /** Cancels the tasks when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a batch of calls with these options has in common.
 *
 * @throws ArgumentError for a value that no task can have
 */
export function batchOptions(options: TaskOptions): BatchOptions {
  check(options);
  return {
    constraint: constraintOf(options),
    retries: options.retries ?? 0,
    userPriority: options.priority ?? 0,
  };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";

/** What the scheduler would refuse to read, and with it the connection. */
const rules: readonly [keyof TaskOptions, (value: unknown) => boolean, string][] = [
  ["retries", isCount, "a whole number from 0 on"],
  ["priority", (value) => Number.isFinite(value), "a number"],
  ["workers", (value) => [value].flat().every(isText), "a text or a list of texts"],
  ["allowOtherWorkers", (value) => typeof value === "boolean", "true or false"],
  ["resources", areAmounts, "an object of numbers from 0 on, such as { GPU: 1 }"],
  ["slots", (value) => isCount(value) && value !== 0, "a whole number from 1 on"],
  ["executor", (value) => value === "thread" || value === "process", '"thread" or "process"'],
  ["maxDurationMs", isAmount, "a number from 0 on"],
  ["memoryBytes", isAmount, "a number from 0 on"],
];

function areAmounts(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).every(isAmount);
}

function check(options: TaskOptions): void {
  for (const [name, isRight, wanted] of rules) {
    const value = options[name];
    if (value === undefined || isRight(value)) continue;
    throw new ArgumentError(`the option ${name} is ${inspect(value)}: give ${wanted}`);
  }
}

function constraintOf(options: TaskOptions): ConstraintSpec | null {
  const { workers, resources } = options;
  const fields: [keyof ConstraintSpec, unknown][] = [
    ["workers", typeof workers === "string" ? [workers] : workers],
    ["allow_other_workers", options.allowOtherWorkers],
    ["resources", resources === undefined ? undefined : new Map(Object.entries(resources))],
    ["slots", options.slots],
    ["executor", options.executor],
    ["max_duration_ms", options.maxDurationMs],
    ["memory_bytes", options.memoryBytes],
  ];
  const given = fields.filter(([, value]) => value !== undefined);
  return given.length === 0 ? null : (Object.fromEntries(given) as ConstraintSpec);
}
