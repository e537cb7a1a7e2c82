// Turns the failures of a map into one error whose message shows what failed, with which
// arguments, and why, in the words of the function's own errors.
import { inspect } from "node:util";
import { isAcmeError } from "@acme/protocol";
import { MapError, type MapFailure } from "../map-errors.js";
import { mapLimits } from "../map-limits.js";

export interface FailedRun {
  readonly name: string;
  /** How many calls there are. */
  readonly count: number;
  /** Those with a result. */
  readonly done: number;
  /** At most `failuresKept` of them. */
  readonly failures: readonly MapFailure[];
  readonly failedIndexes: readonly number[];
  readonly resultsContainer: string | undefined;
  /** Path of the file that tells of all of them, if there is one. */
  readonly failuresFile?: string | undefined;
  /** What to do to have the rest computed; empty if there is nothing. */
  readonly howToGoOn: string;
}

/** What failed, the first few in full, and how to go on. */
export function failureText({ name, count, failures, failedIndexes, ...run }: FailedRun): string {
  const { done, resultsContainer, howToGoOn } = run;
  const where = resultsContainer === undefined ? "" : `; container: ${resultsContainer}`;
  const others = done + failedIndexes.length === count ? "the other " : "";
  const kept = done === 0 ? "" : ` (${others}${done} are done${where})`;
  const first = byIndex(failures).slice(0, mapLimits.failuresTold);
  const told = first.map((each) => describe(name, each));
  const more = failedIndexes.length - told.length;
  const place = run.failuresFile ?? "failures and failedIndexes";
  const rest = more > 0 ? [`… and ${more} more: see ${place}`] : [];
  const head = `${failedIndexes.length} of ${count} calls of ${name} failed${kept}`;
  return [head, ...told, ...rest, ...(howToGoOn === "" ? [] : [howToGoOn])].join("\n\n");
}

export function mapError(run: FailedRun): MapError {
  return new MapError(failureText(run), {
    failures: byIndex(run.failures),
    failedIndexes: run.failedIndexes.toSorted((a, b) => a - b),
    count: run.count,
    resultsContainer: run.resultsContainer,
  });
}

const byIndex = (failures: readonly MapFailure[]): MapFailure[] =>
  failures.toSorted((a, b) => a.index - b.index);

function describe(name: string, failure: MapFailure): string {
  const { index, args, error, attempts, worker, host, jobId, logTail } = failure;
  const tries = attempts > 1 ? `${attempts} attempts` : "";
  const job = jobId === "" ? "" : `job ${jobId}`;
  const place = worker === "" ? "" : `on ${host}, worker ${worker}`;
  const facts = [tries, place, job].filter((fact) => fact !== "").join(", ");
  const log = logTail === "" ? "" : `\n  it wrote last:\n${indented(indented(logTail.trimEnd()))}`;
  const head = `call ${index}, ${name}(${argumentsText(args)})${facts === "" ? "" : ` ${facts}`}:`;
  return `${head}\n${indented(stackText(error))}${log}`;
}

/** Arguments as a person reads them, shortened. */
export function argumentsText(args: readonly unknown[]): string {
  const options = { depth: 1, maxArrayLength: 5, maxStringLength: 40, breakLength: Infinity };
  const text = args.map((value) => inspect(value, options)).join(", ");
  if (text.length <= mapLimits.argumentsChars) return text;
  return `${text.slice(0, mapLimits.argumentsChars)}…`;
}

/** Name, message and stack, without what called the function. */
export function stackText(error: Error): string {
  const stack = error.stack ?? "";
  const head = `${error.name}: ${error.message}`;
  // Not thrown by the function: the stack is ours alone.
  if (isAcmeError(error)) return head;
  const lines = (stack.includes(error.message) ? stack : `${head}\n${stack}`).split("\n");
  // What called the function is the same for every call, and says nothing to its author.
  const ours = lines.findIndex((line) => ourFrame.test(line));
  return lines.slice(0, Math.min(ours < 0 ? lines.length : ours, mapLimits.stackLines)).join("\n");
}

const ourFunctions = "runEach|callOnce|within|runInterruptibly|storeResult|resultArrays";
const ourFiles = "client/(?:dist/bundle|(?:src|dist)/parallel-map)/";
const ourFrame = new RegExp(`^\\s*at (?:async )?(?:${ourFunctions}) \\(.*/${ourFiles}`);

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");
