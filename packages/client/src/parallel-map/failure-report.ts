// Turns the failures of a map into one error whose message shows what failed, with which
// arguments, and why, in the words of the function's own errors.
import { inspect } from "node:util";
import { isAcmeError } from "@acme/protocol";
import { callArguments, type Inputs } from "./inputs.js";
import { MapError, type MapFailure } from "./map-errors.js";
import { mapLimits } from "./map-limits.js";

export interface FailedRun {
  readonly name: string;
  readonly inputs: Inputs;
  /** Errors by number of the call; at most `failuresKept` of them. */
  readonly errors: ReadonlyMap<number, Error>;
  readonly failedIndexes: readonly number[];
  readonly resultsContainer: string | undefined;
}

export function mapError({ errors, failedIndexes, ...run }: FailedRun): MapError {
  const failures = [...errors]
    .sort(([a], [b]) => a - b)
    .map(([index, error]) => ({ index, error, args: callArguments(run.inputs, index) }));
  const { count } = run.inputs;
  const good = count - failedIndexes.length;
  const where = run.resultsContainer === undefined ? "" : `; container: ${run.resultsContainer}`;
  const kept = good === 0 ? "" : ` (the other ${good} are done${where})`;
  const told = failures.slice(0, mapLimits.failuresTold).map((each) => describe(run.name, each));
  const more = failedIndexes.length - told.length;
  const rest = more > 0 ? [`… and ${more} more: see failures and failedIndexes`] : [];
  const head = `${failedIndexes.length} of ${count} calls of ${run.name} failed${kept}`;
  return new MapError([head, ...told, ...rest].join("\n\n"), {
    failures,
    failedIndexes,
    count,
    resultsContainer: run.resultsContainer,
  });
}

function describe(name: string, { index, args, error }: MapFailure): string {
  return `call ${index}, ${name}(${argumentsText(args)}):\n${indented(stackText(error))}`;
}

function argumentsText(args: readonly unknown[]): string {
  const options = { depth: 1, maxArrayLength: 5, maxStringLength: 40, breakLength: Infinity };
  const text = args.map((value) => inspect(value, options)).join(", ");
  if (text.length <= mapLimits.argumentsChars) return text;
  return `${text.slice(0, mapLimits.argumentsChars)}…`;
}

function stackText(error: Error): string {
  const stack = error.stack ?? "";
  const head = `${error.name}: ${error.message}`;
  // Not thrown by the function: the stack is ours alone.
  if (isAcmeError(error)) return head;
  const lines = (stack.includes(error.message) ? stack : `${head}\n${stack}`).split("\n");
  // What called the function is the same for every call, and says nothing to its author.
  const ours = lines.findIndex((line) => ourFrame.test(line));
  return lines.slice(0, Math.min(ours < 0 ? lines.length : ours, mapLimits.stackLines)).join("\n");
}

const ourFrame =
  /^\s*at (?:async )?(?:writeResult|returnResult|resultArrays) \(.*\/client\/(?:dist\/bundle|src\/parallel-map)\//;

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");
