// A program as a function that can be mapped: what to call, with which words, and what comes back.
// Only describes; it runs where tasks run.
import { basename } from "node:path";
import { ArgumentError } from "../errors.js";
import { type CommandOutput, type CommandValues, commandOutputs } from "./command-output.js";
import type { CommandSpec } from "./command-spec.js";
import { runCommand } from "./run-command.js";
import { inputsNeeded, readTemplate } from "./template.js";

/** Options of {@link command}. Texts with braces are filled in as the arguments are. */
export interface CommandOptions<O extends CommandOutput = CommandOutput> {
  /**
   * What the program's standard output is: `"text"` (default), `"lines"`, `"json"`, `"numbers"` (a
   * Float64Array of all numbers in it), or `"none"`, if its results are files of its own.
   */
  readonly output?: O | undefined;
  /** Exit codes that mean success; default 0 alone. */
  readonly exitCodes?: readonly number[] | undefined;
  /** Milliseconds that the program may take; then it is ended, with all that it started. */
  readonly timeLimitMs?: number | undefined;
  /** Variables added to the environment of the worker. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /**
   * Folder that it runs in; default: that of this process, where the worker has it too, else the
   * worker's. Relative paths of program and log begin there.
   */
  readonly cwd?: string | undefined;
  /** What it reads from its standard input; default: nothing. */
  readonly stdin?: string | undefined;
  /** File that gets what it writes, both streams; its folder is made. One per call: `{subject}.log`. */
  readonly log?: string | undefined;
  /** Name in keys, messages and file names; default: that of the program. */
  readonly name?: string | undefined;
}

/** A program as a function of its inputs. */
export type CommandFunction<T> = (...inputs: unknown[]) => Promise<T>;

/**
 * Makes a function that runs a program: for {@link ParallelMap}, `client.submit` and `client.map`.
 * No shell reads the words, so that nothing in an input is ever interpreted.
 *
 * @param program - its name, looked up in `PATH` where it runs, or its path
 * @param args - its arguments. `{0}`, `{1}` are inputs by position, `{subject}` is that field of an
 *   input that is an object, `{0.path}` a field of the first; `{files...}` becomes one argument per
 *   entry of a list. Other lists and objects become JSON. `{taskId}`, `{seed}`, `{attempt}` and
 *   `{outputDir}` tell of the call. A brace itself is doubled: `{{`, `}}`
 * @param options - what its output is, which exit codes mean success, how long it may take, …
 * @returns a function of the inputs; it throws CommandFailedError (exit code, signal, end of standard
 *   error), CommandStartError, CommandTimeoutError, CommandOutputError, CommandInputError
 * @throws ArgumentError for a brace that stands for nothing, or options that make no sense
 * @example
 * ```ts
 * const recon = command("recon-all", ["-s", "{subject}", "-all", "-openmp", "{threads}"], {
 *   output: "none",
 *   env: { SUBJECTS_DIR: "/data/subjects" },
 *   log: "logs/{subject}.log",
 * });
 * await new ParallelMap(recon, { subject: each(["sub-01", "sub-02"]), threads: 4 }).compute();
 * ```
 */
export function command<O extends CommandOutput = "text">(
  program: string,
  args: readonly string[] = [],
  options: CommandOptions<O> = {},
): CommandFunction<CommandValues[O]> {
  check(program, args, options);
  const template = (text: string | undefined) => (text === undefined ? null : readTemplate(text));
  const spec: CommandSpec = {
    program: readTemplate(program),
    args: args.map(readTemplate),
    output: options.output ?? "text",
    exitCodes: options.exitCodes ?? [0],
    timeLimitMs: options.timeLimitMs ?? null,
    env: Object.entries(options.env ?? {}).map(([name, value]) => [name, readTemplate(value)]),
    cwd: template(options.cwd),
    defaultCwd: process.cwd(),
    stdin: template(options.stdin),
    log: template(options.log),
  };
  const fn = runCommand.bind(null, spec) as CommandFunction<CommandValues[O]>;
  const name = options.name ?? basename(program.replaceAll(/[{}]/g, "_"));
  Object.defineProperty(fn, "name", { value: name });
  needs.set(fn, inputsNeeded(templatesOf(spec)));
  return fn;
}

const needs = new WeakMap<object, number>();

/** How many inputs a function made by {@link command} needs; undefined for others. */
export const commandInputs = (fn: object): number | undefined => needs.get(fn);

function templatesOf({ program, args, env, cwd, stdin, log }: CommandSpec) {
  const others = [cwd, stdin, log].filter((template) => template !== null);
  return [program, ...args, ...env.map(([, value]) => value), ...others];
}

function check(program: string, args: readonly string[], options: CommandOptions): void {
  if (typeof program !== "string" || program === "") {
    throw new ArgumentError('a command begins with a program, as in command("Rscript", ["f.R"])');
  }
  if (!Array.isArray(args) || args.some((arg) => typeof arg !== "string")) {
    throw new ArgumentError(
      `the arguments of ${program} are a list of texts, one per word: ["-s", "{subject}"]`,
    );
  }
  const { output = "text", exitCodes = [0], timeLimitMs } = options;
  if (!commandOutputs.includes(output)) {
    throw new ArgumentError(`output "${output}" is unknown: give ${commandOutputs.join(", ")}`);
  }
  if (exitCodes.length === 0 || exitCodes.some((code) => !Number.isInteger(code) || code < 0)) {
    throw new ArgumentError("exitCodes is a list of whole numbers from 0 on, as [0, 1]");
  }
  // Longer ones wrap round in timers, and would end the program at once.
  if (timeLimitMs !== undefined && !(timeLimitMs > 0 && timeLimitMs < 2 ** 31)) {
    throw new ArgumentError(`timeLimitMs is ${timeLimitMs}: give milliseconds from 1 to 2^31`);
  }
}
