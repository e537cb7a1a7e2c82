// The error for whatever cannot go to another process, and its closed list of codes.
// The message reads: what -> why -> where it was reached -> what to do.

import { AcmeError } from "@acme/protocol";

/** Why a function or value could not be shipped, or not be loaded. */
export type ShipErrorCode =
  | "PRIVATE_STATE"
  | "PRIVATE_SCOPE"
  | "NOT_CALLABLE"
  | "ACCESSOR"
  | "LEXICAL_THIS"
  | "SUPER"
  | "UNRESOLVED"
  | "USER_GLOBAL"
  | "EVAL"
  | "LIVE_OBJECT"
  | "UNIQUE_SYMBOL"
  | "PROXY"
  | "NATIVE_CODE"
  | "NOT_INITIALISED"
  | "NOT_IMPORTABLE"
  | "MODULE_MISMATCH"
  | "MODULE_NOT_FOUND"
  | "MODULE_FAILED"
  | "TYPESCRIPT_SUPPORT"
  | "CAPTURE_SIZE"
  | "CYCLIC_CLASS"
  | "SYNTAX"
  | "BAD_DOCUMENT"
  | "NO_INSPECTOR";

/** The parts of a {@link FunctionShipError}. */
export interface ShipProblem {
  /** What cannot go and why. */
  readonly what: string;
  /** What the user should do instead. */
  readonly hint?: string | undefined;
  /** Names of what was walked through to get there, outermost first. */
  readonly path?: readonly string[] | undefined;
  /** `file:line:column` of the function at fault, if known. */
  readonly location?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A function or a value cannot be sent to another process, or cannot be loaded there.
 *
 * @example
 * ```ts
 * try {
 *   await packFunction(() => socket.write("x"));
 * } catch (error) {
 *   if (isAcmeError(error, "LIVE_OBJECT")) console.error(error.message);
 * }
 * ```
 */
export class FunctionShipError extends AcmeError {
  readonly code: ShipErrorCode;
  /** What was walked through, outermost first. */
  readonly path: readonly string[];
  /** `file:line:column` of the function at fault; undefined when no function was involved. */
  readonly location: string | undefined;

  constructor(code: ShipErrorCode, problem: ShipProblem) {
    super(compose(problem), problem.cause === undefined ? undefined : { cause: problem.cause });
    this.code = code;
    this.path = problem.path ?? [];
    this.location = problem.location;
  }
}

function compose(problem: ShipProblem): string {
  const lines = [problem.what];
  if (problem.path !== undefined && problem.path.length > 0) {
    lines.push(`  reached through: ${problem.path.join(" -> ")}`);
  }
  if (problem.hint !== undefined) lines.push(`  what to do: ${problem.hint}`);
  return lines.join("\n");
}
