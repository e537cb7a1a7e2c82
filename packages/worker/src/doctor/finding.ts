// What a doctor says: one line per thing that was looked at, and what to do where it is not well.
// Must not know what was looked at.

export interface Finding {
  readonly about: string;
  /** `fail`: workers will not run here. `warn`: they may, but not as they should. */
  readonly verdict: "ok" | "warn" | "fail";
  readonly text: string;
  /** What to do next; empty when all is well. */
  readonly advice: string;
}

export const ok = (about: string, text: string): Finding => ({
  about,
  verdict: "ok",
  text,
  advice: "",
});

export const warn = (about: string, text: string, advice: string): Finding => ({
  about,
  verdict: "warn",
  text,
  advice,
});

export const fail = (about: string, text: string, advice: string): Finding => ({
  about,
  verdict: "fail",
  text,
  advice,
});

/** `ok    node           v22.1.0`, with advice on a line of its own. */
export function findingText({ about, verdict, text, advice }: Finding): string {
  const line = `${verdict.padEnd(5)} ${about.padEnd(aboutWidth)} ${text}\n`;
  return advice === "" ? line : `${line}${" ".repeat(6 + aboutWidth + 1)}-> ${advice}\n`;
}

const aboutWidth = 14;

/** What all came to, in one line. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (verdict: Finding["verdict"]) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const [failed, warned] = [count("fail"), count("warn")];
  const many = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  if (failed > 0) return `Workers will not run here: ${many(failed, "problem")}.\n`;
  if (warned > 0) return `Workers can run here, with ${many(warned, "warning")}.\n`;
  return "Workers can run here.\n";
}
