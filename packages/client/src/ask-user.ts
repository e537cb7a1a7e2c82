// A question on a terminal that is taken as answered after a while. Must not know what the answers
// mean.
import { createInterface } from "node:readline/promises";
import { InterruptedError } from "./parallel-map/map-errors.js";

/** What {@link askUser} asks. */
export interface Question {
  /** Without the answers that are possible by default; those are shown behind it. */
  readonly text: string;
  /** The letters that may be answered; the first is taken if nobody answers in time. */
  readonly answers: readonly string[];
  readonly waitMs: number;
}

/** Whether somebody sits at a terminal and may be asked. */
export const hasTerminal = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks on the terminal, on standard error, until one of the answers is given or time is up.
 *
 * @returns one of the answers
 * @throws InterruptedError after Ctrl-C, where the program has a handler of its own for that
 * @example
 * ```ts
 * const question = { text: "Delete them, [y]es or [n]o?", answers: ["n", "y"], waitMs: 60_000 };
 * if (hasTerminal() && (await askUser(question)) === "y") console.error("deleted");
 * ```
 */
export async function askUser({ text, answers, waitMs }: Question): Promise<string> {
  const fallback = answers[0] as string;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const late = AbortSignal.timeout(waitMs);
  const left = new AbortController();
  const interrupted = new InterruptedError("SIGINT");
  terminal.on("SIGINT", () => {
    terminal.close();
    // The terminal would have sent it to the whole program.
    process.kill(process.pid, "SIGINT");
    left.abort(interrupted);
  });
  // The terminal is gone, and nobody will answer.
  terminal.on("close", () => left.abort());
  const signal = AbortSignal.any([late, left.signal]);
  const seconds = Math.round(waitMs / 1000);
  const prompt = `${text} [${fallback}, in ${seconds} s by itself] `;
  try {
    for (;;) {
      const given = (await terminal.question(prompt, { signal })).trim();
      const answer = given.toLowerCase().slice(0, 1) || fallback;
      if (answers.includes(answer)) return answer;
    }
  } catch (error) {
    if (left.signal.reason === interrupted) throw interrupted;
    if (!signal.aborted) throw error;
    process.stderr.write("\n");
    return fallback;
  } finally {
    terminal.close();
  }
}
