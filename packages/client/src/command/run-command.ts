// Runs one program as one call, where tasks run. Sent by reference, as write-result.ts is: workers
// import this module, and execa with it.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { execa } from "execa";
import { getTaskContext } from "../parallel-map/task-context.js";
import { CommandTimeoutError } from "./command-errors.js";
import { programLimits } from "./command-limits.js";
import type { CommandSpec, ProgramCall } from "./command-spec.js";
import { type ProgramResult, readResult, refuseFolder } from "./program-result.js";
import { type RunningProgram, watchProgram } from "./program-watch.js";
import { fillText, fillWords, type Template } from "./template.js";
import { TextTail } from "./text-tail.js";

/**
 * Runs the program with these inputs.
 *
 * @returns what it wrote, as `spec.output` says
 * @throws CommandInputError, CommandStartError, CommandFailedError, CommandTimeoutError,
 *   CommandOutputError; the reason of the task's signal
 */
export async function runCommand(spec: CommandSpec, ...inputs: unknown[]): Promise<unknown> {
  const call = fillCall(spec, inputs);
  const signal = callSignal();
  signal?.throwIfAborted();
  refuseFolder(call);
  if (call.log !== undefined) await mkdir(dirname(call.log), { recursive: true });
  const tail = new TextTail(programLimits.errorTailBytes);
  const { timeLimitMs } = spec;
  const watch = watchProgram(() => start(call), { timeLimitMs, signal });
  watch.program.stderr.on("data", (chunk: Uint8Array) => tail.push(chunk));
  const result = (await watch.program) as ProgramResult;
  await watch.end();
  signal?.throwIfAborted();
  const errorTail = tail.lines(programLimits.errorTailLines);
  if (watch.isTimeUp) {
    throw new CommandTimeoutError(call, timeLimitMs as number, errorTail);
  }
  return readResult(call, result, errorTail);
}

function fillCall(spec: CommandSpec, inputs: readonly unknown[]): ProgramCall {
  const { taskId, seed, attempt, outputDir } = getTaskContext();
  const facts = { taskId, seed, attempt, outputDir };
  const fill = (template: Template | null) =>
    template === null ? undefined : fillText(template, inputs, facts);
  const given = fill(spec.cwd);
  const there = existsSync(spec.defaultCwd) ? spec.defaultCwd : process.cwd();
  const folder = given === undefined ? there : resolve(there, given);
  const log = fill(spec.log);
  return {
    spec,
    program: fillText(spec.program, inputs, facts),
    args: spec.args.flatMap((template) => fillWords(template, inputs, facts)),
    host: hostname(),
    folder,
    env: Object.fromEntries(
      spec.env.map(([name, value]) => [name, fillText(value, inputs, facts)]),
    ),
    stdin: fill(spec.stdin),
    log: log === undefined ? undefined : resolve(folder, log),
  };
}

/** Ends the call: its task was cancelled, or its time is over. Told by those who make it. */
function callSignal(): AbortSignal | undefined {
  const places = globalThis as {
    [task]?: { readonly signal: AbortSignal };
    [limit]?: AbortSignal | undefined;
  };
  const signals = [places[task]?.signal, places[limit]].filter((signal) => signal !== undefined);
  return signals.length < 2 ? signals[0] : AbortSignal.any(signals);
}

const task = Symbol.for("acme.task");
const limit = Symbol.for("acme.call-signal");

function start({ program, args, folder, env, spec, stdin, log }: ProgramCall): RunningProgram {
  const also = log === undefined ? [] : [{ file: log }];
  const keeps = spec.output !== "none";
  const running = execa(program, args, {
    cwd: folder,
    env,
    ...(stdin === undefined ? { stdin: "ignore" as const } : { input: stdin }),
    stdout: keeps || log !== undefined ? ["pipe", ...also] : "ignore",
    stderr: ["pipe", ...also],
    buffer: { stdout: keeps, stderr: false },
    maxBuffer: programLimits.outputBytes,
    stripFinalNewline: false,
    // A group of its own: what ends it ends all that it has started.
    detached: true,
    reject: false,
  });
  if (!keeps) running.stdout?.resume();
  return running as unknown as RunningProgram;
}
