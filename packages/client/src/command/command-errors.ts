// What can go wrong with a program that is a task, told so that it can be understood far from the
// machine it ran on.
import { AcmeError } from "@acme/protocol";
import { programLimits } from "./command-limits.js";

/** Where a program was started. */
export interface ProgramPlace {
  /** As it was called, arguments filled in. */
  readonly program: string;
  readonly args: readonly string[];
  readonly host: string;
  readonly folder: string;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The last lines of its standard error. */
  readonly errorTail: string;
  /** Its log, if it has one. */
  readonly log: string | undefined;
}

/** A program ended with an exit code that is not accepted, or by a signal. */
export class CommandFailedError extends AcmeError {
  readonly code = "COMMAND_FAILED";
  readonly program: string;
  readonly args: readonly string[];
  readonly host: string;
  readonly folder: string;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly errorTail: string;

  constructor(place: ProgramPlace, end: ProgramEnd, accepted: readonly number[]) {
    const { exitCode, signal, errorTail, log } = end;
    const how =
      signal === undefined
        ? `ended with exit code ${exitCode}, where ${accepted.join(" or ")} means success`
        : `was ended by ${signal}`;
    const tail =
      errorTail === "" ? "; it wrote no error" : `; the end of what it said:\n${errorTail}`;
    const whole = log === undefined ? "" : `\nall of it: ${log}`;
    super(`${placeText(place)} ${how}${tail}${whole}`);
    this.program = place.program;
    this.args = place.args;
    this.host = place.host;
    this.folder = place.folder;
    this.exitCode = exitCode;
    this.signal = signal;
    this.errorTail = errorTail;
  }
}

/** There is no such program, or it cannot be started. */
export class CommandStartError extends AcmeError {
  readonly code = "COMMAND_NOT_STARTED";
  readonly program: string;
  readonly host: string;
  /** `PATH` as it was there. */
  readonly path: string;

  constructor({ program, host }: ProgramPlace, why: string, path: string) {
    super(`${program} cannot be started on ${host}: ${why}`);
    this.program = program;
    this.host = host;
    this.path = path;
  }
}

/** A program took longer than its `timeLimitMs`. */
export class CommandTimeoutError extends AcmeError {
  readonly code = "COMMAND_TIMEOUT";
  readonly timeLimitMs: number;
  readonly errorTail: string;

  constructor(place: ProgramPlace, timeLimitMs: number, errorTail: string) {
    const tail = errorTail === "" ? "" : `; the end of what it said:\n${errorTail}`;
    super(
      `${placeText(place)} took longer than ${timeLimitMs} ms and was ended: give a higher ` +
        `timeLimitMs, or look what it waits for${tail}`,
    );
    this.timeLimitMs = timeLimitMs;
    this.errorTail = errorTail;
  }
}

/** What a program wrote is not what its `output` says. */
export class CommandOutputError extends AcmeError {
  readonly code = "COMMAND_OUTPUT";

  constructor(place: ProgramPlace, why: string, cause?: unknown) {
    super(`${placeText(place)} ${why}`, { cause });
  }
}

/** The inputs of a call do not fill the places in its arguments. */
export class CommandInputError extends AcmeError {
  readonly code = "COMMAND_INPUT";
}

function placeText({ program, args, host, folder }: ProgramPlace): string {
  const { wordsShown } = programLimits;
  const words = [program, ...args].map(shown).join(" ");
  const text = words.length > wordsShown ? `${words.slice(0, wordsShown)}…` : words;
  return `${text} (on ${host}, in ${folder})`;
}

/** As a person would type it; only to be read. */
const shown = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
