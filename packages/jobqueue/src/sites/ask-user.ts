// A question on a terminal that is taken as answered after a while. Must not know what the answers
// mean.
import { createInterface } from "node:readline/promises";

export interface Question {
  readonly text: string;
  /** The letters that may be answered; the first is taken if nobody answers in time. */
  readonly answers: readonly string[];
  readonly waitMs: number;
}

/** Whether somebody sits at a terminal. */
export const hasTerminal = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true;

/** @returns one of the answers */
export async function askUser({ text, answers, waitMs }: Question): Promise<string> {
  const fallback = answers[0] as string;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const late = AbortSignal.timeout(waitMs);
  try {
    for (;;) {
      const given = (await terminal.question(`${text} [${fallback}] `, { signal: late })).trim();
      const answer = given.toLowerCase().slice(0, 1) || fallback;
      if (answers.includes(answer)) return answer;
    }
  } catch (error) {
    if (!late.aborted) throw error;
    process.stderr.write("\n");
    return fallback;
  } finally {
    terminal.close();
  }
}
