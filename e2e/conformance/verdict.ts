// Judges one case by its two outcomes, and one public name by its cases.
// Pure: it runs nothing and knows of no file.
import type { Outcome } from "./topic.js";

/** From best to worst. */
export const verdicts = ["same", "refused", "differs", "no case"] as const;
export type Verdict = (typeof verdicts)[number];

export interface Judged {
  readonly verdict: Verdict;
  /** Why it is refused, or how it differs. */
  readonly note?: string;
}

/** Said by our scheduler of what only a Python program could do. */
const refusal = /needs Python in(?:side)? the scheduler/;

export function judge(dask: Outcome, acme: Outcome): Judged {
  if (isSame(dask, acme)) return { verdict: "same" };
  const { raised } = acme;
  if (raised !== undefined && refusal.test(raised.text)) {
    return { verdict: "refused", note: raised.text };
  }
  return { verdict: "differs", note: `${words(dask)} → ${words(acme)}` };
}

function isSame(a: Outcome, b: Outcome): boolean {
  // A program that loses its process shows nothing, on either side.
  if (a.crashed !== undefined || b.crashed !== undefined) return false;
  // Where dask raises without a word, ours may say more.
  if (a.raised?.text === "" && a.raised.class === b.raised?.class) return true;
  return canonical({ ...a, traceback: "" }) === canonical({ ...b, traceback: "" });
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const shownLength = 300;

/** An outcome in one line. */
export function words({ value, raised, crashed }: Outcome): string {
  const text =
    crashed !== undefined
      ? `its process ended (${crashed})`
      : raised !== undefined
        ? `${raised.class}: ${raised.text}`
        : (JSON.stringify(value) ?? "nothing");
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > shownLength ? `${line.slice(0, shownLength)}…` : line;
}

/** The worst of several. */
export function worst(judged: readonly Verdict[]): Verdict {
  if (judged.length === 0) return "no case";
  return judged.reduce((a, b) => (verdicts.indexOf(a) > verdicts.indexOf(b) ? a : b));
}
