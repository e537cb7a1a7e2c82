// Does what `acme map` and `acme resume` say: loads the function, makes the map, hands its results
// on. Everything for people goes through the map's own printing, to standard error.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  Client,
  type ComputeMapOptions,
  command,
  isAcmeError,
  MapError,
  type OnError,
  type Output,
  ParallelMap,
  type StackedResults,
} from "@acme/client";
import { importModule } from "@acme/serialize";
import { MapUsageError } from "./errors.js";
import type { ClusterFlags, MapFlags, ResumeFlags } from "./map-options.js";
import { readInputs, readShape, splitWords } from "./map-words.js";

type AnyFunction = (...args: unknown[]) => unknown;
type AnyMap = ParallelMap<readonly unknown[], unknown>;

/** What a shell learns. */
export interface MapOutcome {
  /** For standard output, a line each. */
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** @throws MapUsageError, ArgumentError for words that make no sense; FunctionShipError, … */
export async function mapCommand(target: string | undefined, flags: MapFlags): Promise<MapOutcome> {
  const fn = await functionOf(target, flags);
  const inputs = readInputs(flags.inputs, flags.command !== undefined);
  const pmap =
    flags.times === undefined
      ? new ParallelMap(fn as never, ...inputs)
      : ParallelMap.times(flags.times, fn as never, ...inputs);
  const { output, outputDir, resultShape, resultDtype } = flags;
  return compute(pmap as unknown as AnyMap, flags, {
    output,
    outputDir,
    resultDtype,
    resultShape: resultShape === undefined ? undefined : readShape(resultShape),
  });
}

/** @throws NoRunError, InputsChangedError, CodeChangedError, RunInUseError, … */
export async function resumeCommand(folder: string, flags: ResumeFlags): Promise<MapOutcome> {
  const { name, function: target } = flags;
  const fn = target === undefined ? undefined : await exported(target);
  return compute(await ParallelMap.open(folder, { name, fn }), flags, {});
}

async function functionOf(target: string | undefined, flags: MapFlags): Promise<AnyFunction> {
  const line = flags.command;
  if ((target === undefined) === (line === undefined)) {
    throw new MapUsageError(
      "give a function, as ./analysis.ts#compute, or a program with --command; see acme map --help",
    );
  }
  if (target !== undefined) {
    const useless = programFlags.filter((name) => flags[name] !== undefined);
    if (useless.length === 0 && Object.keys(flags.env).length === 0) return exported(target);
    throw new MapUsageError(`${[...useless, "env"].join(", ")}: for programs only, see --command`);
  }
  const [program = "", ...args] = splitWords(line as string);
  const { reads, exitCodes, env, cwd, stdin, log } = flags;
  return command(program, args, { output: reads, exitCodes, env, cwd, stdin, log });
}

const programFlags = ["reads", "exitCodes", "cwd", "stdin", "log"] as const;

async function exported(target: string): Promise<AnyFunction> {
  const at = target.lastIndexOf("#");
  const [file, name] = at < 0 ? [target, "default"] : [target.slice(0, at), target.slice(at + 1)];
  const namespace = await importModule(pathToFileURL(resolve(file)).href);
  // A CommonJS module may show its exports under `default` alone.
  const module: Record<string, unknown> = {
    ...(namespace.default as object | undefined),
    ...namespace,
  };
  const inner = (namespace.default as { readonly default?: unknown } | undefined)?.default;
  const found = name === "default" && typeof inner === "function" ? inner : module[name];
  if (typeof found === "function") return found as AnyFunction;
  const functions = Object.keys(module).filter((each) => typeof module[each] === "function");
  const there = functions.length === 0 ? "no function at all" : functions.join(", ");
  throw new MapUsageError(`${file} exports no function ${name}; it exports ${there}`);
}

async function compute(
  pmap: AnyMap,
  flags: ClusterFlags,
  options: ComputeMapOptions,
): Promise<MapOutcome> {
  const client = await connected(flags);
  const { workers: nWorkers, partition, mem: memPerWorker, onError, retries } = flags;
  const { timeLimit, acceptNewCode, quiet, setupTimeout, interactive } = flags;
  let failed = 0;
  const note = (progress: { readonly failed: number }) => {
    failed = progress.failed;
  };
  try {
    const computed = await pmap.compute<Output, OnError>({
      ...given({ ...options, nWorkers, partition, memPerWorker, client, retries, setupTimeout }),
      interactive,
      ...(timeLimit === undefined ? {} : { timeLimitMs: timeLimit * 1_000 }),
      ...(acceptNewCode ? { resume: { acceptNewCode } } : {}),
      progress: quiet !== true,
      onError,
      onProgress: note,
    });
    const results = computed ?? [];
    const isValues = options.output === "memory" || options.output === "none";
    const lines = isValues ? values(results, options.output) : places(pmap, flags, results);
    return { lines, exitCode: failed === 0 ? 0 : 1 };
  } catch (error) {
    if (!(error instanceof MapError) && !isAcmeError(error, "MAP_FAILED")) throw error;
    process.stderr.write(`acme: ${error.message}\n`);
    const { partial } = error as MapError;
    return { lines: places(pmap, flags, partial), exitCode: 1 };
  } finally {
    await client?.close();
  }
}

/** Options that are undefined count as given, where some make no sense together. */
function given(options: ComputeMapOptions): ComputeMapOptions {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ComputeMapOptions;
}

async function connected({ cluster, scheduler }: ClusterFlags): Promise<Client | undefined> {
  if (cluster !== undefined && scheduler !== undefined) {
    throw new MapUsageError("give --cluster or --scheduler, not both");
  }
  if (cluster !== undefined) return Client.connect({ name: cluster });
  return scheduler === undefined ? undefined : Client.connect(scheduler);
}

function values(results: readonly unknown[] | StackedResults, output: Output | undefined) {
  if (output === "none") return [];
  const all = Array.isArray(results) ? results : [results];
  return all.map((value) => JSON.stringify(plain(value)) ?? "null");
}

/** Typed arrays as lists, whole numbers of any size as text. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<unknown>, plain);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

function places(
  pmap: AnyMap,
  { paths }: ClusterFlags,
  results: readonly unknown[] | StackedResults,
): string[] {
  const all = Array.isArray(results) ? results : [];
  const files = all.filter((path) => typeof path === "string");
  const { resultsContainer } = pmap;
  if (paths || resultsContainer === undefined) return files;
  return [resultsContainer];
}
