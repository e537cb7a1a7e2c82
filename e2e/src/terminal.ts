// Runs a command in a terminal of its own, as wide as one likes, and types what a person would. What
// the command is, only the test knows.
import { execa } from "execa";
import { type SkippableContext, skipWithReason } from "./skip-with-reason.js";

export interface Seen {
  /** All that the terminal got. */
  readonly text: string;
  readonly exitCode: number | undefined;
  readonly elapsedMs: number;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What is typed, each when the text before it has appeared once more. */
  readonly answers?: readonly (readonly [after: RegExp, typed: string])[] | undefined;
}

/** Ends the test as skipped where there is no way to have a terminal. */
export async function needTerminal(context: SkippableContext): Promise<void> {
  const script = await execa("script", ["--version"], { reject: false });
  if (script.exitCode !== 0) skipWithReason(context, "script (of util-linux) is not installed");
}

/** @param command - for the shell */
export async function inTerminal(
  command: string,
  { columns, cwd, env = {}, answers = [] }: TerminalOptions,
): Promise<Seen> {
  const beginMs = performance.now();
  const options = { env, cwd, reject: false, timeout: 100_000 } as const;
  const line = `stty cols ${columns}; exec ${command}`;
  const child = execa("script", ["-qefc", line, "/dev/null"], options);
  let text = "";
  let from = 0;
  const left = [...answers];
  child.stdout.on("data", (piece: Buffer) => {
    text += String(piece);
    const [next] = left;
    if (next === undefined || !next[0].test(text.slice(from))) return;
    from = text.length;
    left.shift();
    child.stdin.write(next[1]);
  });
  const { exitCode } = await child;
  return { text, exitCode, elapsedMs: performance.now() - beginMs };
}

/** What a person sees in the end: each line as it was last written over. */
export function screenOf(text: string): string[] {
  return text.split("\r\n").map((line) => {
    let shown = "";
    for (const part of line.split("\r")) {
      const written = part.replaceAll("\u001b[K", "");
      shown = part.includes("\u001b[K") ? written : written + shown.slice(written.length);
    }
    return shown;
  });
}
