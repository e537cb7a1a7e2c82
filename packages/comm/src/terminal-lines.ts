// Log lines for a person at a terminal. What is logged is JSON, one object a line, for files and
// machines; here such a line becomes text. It must not know who logs or why.
import { writeSync } from "node:fs";
import { isatty } from "node:tty";

const stderr = 2;
const levelNames = new Map([
  [10, "trace"],
  [20, "debug"],
  [30, "info"],
  [40, "warning"],
  [50, "error"],
  [60, "fatal"],
]);

interface LogLine {
  readonly level?: number;
  readonly name?: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
}

/**
 * A destination for a JSON logger that prints text, or undefined where stderr is no terminal and
 * JSON is wanted.
 *
 * @example
 * ```ts
 * const logger = pino(options, terminalLines() ?? pino.destination(2));
 * ```
 */
export function terminalLines(): { write(line: string): void } | undefined {
  if (!isatty(stderr)) return undefined;
  return {
    write: (line) => {
      try {
        writeSync(stderr, textLine(line));
      } catch {
        // A terminal that is closed or slow must not end the program.
      }
    },
  };
}

/** `acme local-0 warning: message`, with the stack of an error below it. */
export function textLine(line: string): string {
  let fields: LogLine;
  try {
    fields = JSON.parse(line) as LogLine;
  } catch {
    return line;
  }
  const { level = 30, name = "", msg = "", err } = fields;
  const stack = err?.stack === undefined ? "" : `\n${err.stack}`;
  return `acme ${name} ${levelNames.get(level) ?? level}: ${msg}${stack}\n`;
}
