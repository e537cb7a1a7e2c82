// From the end of a program to the value of its call, or to the error that says what went wrong and
// what to do.
import { existsSync } from "node:fs";
import { CommandFailedError, CommandOutputError, CommandStartError } from "./command-errors.js";
import { programLimits } from "./command-limits.js";
import { readOutput } from "./command-output.js";
import type { ProgramCall } from "./command-spec.js";

/** What execa tells of a program that has ended. */
export interface ProgramResult {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly stdout?: string | undefined;
  readonly isMaxBuffer: boolean;
  /** The system's word for why it could not be started. */
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
}

/** @throws CommandStartError, CommandFailedError, CommandOutputError */
export function readResult(call: ProgramCall, result: ProgramResult, errorTail: string): unknown {
  const { exitCode, signal, isMaxBuffer } = result;
  const { output, exitCodes } = call.spec;
  if (isMaxBuffer) throw new CommandOutputError(call, tooLong());
  if (exitCode === undefined && signal === undefined) throw notStarted(call, result);
  if (exitCode === undefined || !exitCodes.includes(exitCode)) {
    throw new CommandFailedError(call, { exitCode, signal, errorTail, log: call.log }, exitCodes);
  }
  const text = result.stdout ?? "";
  try {
    return readOutput(output, text);
  } catch (error) {
    const why = `wrote what is no ${output}: ${(error as Error).message}; ${shown(text)}`;
    throw new CommandOutputError(call, why, error);
  }
}

/** @throws CommandStartError if the folder of the call is not there */
export function refuseFolder(place: ProgramCall): void {
  if (existsSync(place.folder)) return;
  throw new CommandStartError(place, `there is no folder ${place.folder} there`, pathOf(place));
}

function tooLong(): string {
  const limit = programLimits.outputBytes / 2 ** 20;
  return (
    `wrote more than ${limit} MiB to its standard output: let it write a file, and give ` +
    'output: "none"'
  );
}

function shown(text: string): string {
  if (text.trim() === "") return "it wrote nothing";
  const { outputShown } = programLimits;
  return text.length <= outputShown
    ? `it wrote ${JSON.stringify(text)}`
    : `it began with ${JSON.stringify(text.slice(0, outputShown))}`;
}

function notStarted(call: ProgramCall, result: ProgramResult): CommandStartError {
  const path = pathOf(call);
  return new CommandStartError(call, whyNot(call, result, path), path);
}

function whyNot({ program, folder }: ProgramCall, result: ProgramResult, path: string): string {
  const { code, originalMessage } = result;
  if (code === "E2BIG") {
    return 'its arguments are too long for the system: pass lists by stdin, as in { stdin: "{0}" }';
  }
  if (code === "EACCES") return "it is not executable: chmod +x it, or call its interpreter";
  if (code !== "ENOENT") return originalMessage ?? String(code);
  if (program.includes("/")) {
    return `there is no such file, seen from ${folder}, or its first line names no interpreter`;
  }
  return (
    `it is in no folder of PATH there: ${path}. Install it, load its module before workers start, ` +
    "or give its path"
  );
}

const pathOf = ({ env }: ProgramCall): string => env.PATH ?? process.env.PATH ?? "";
