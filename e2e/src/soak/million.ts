// A million calls that do nothing through one map: inputs made one by one, outcomes taken one by
// one. Client and scheduler may not take more memory for it than for a tenth of them.
import { mapNoOps, type NoOpFigures } from "../map/no-ops.js";
import type { Findings } from "./findings.js";

const counts = [100_000, 1_000_000] as const;
const growthMbMax = 50;

export async function million(findings: Findings): Promise<void> {
  const figures: NoOpFigures[] = [];
  for (const calls of counts) {
    const one = await mapNoOps(calls);
    findings.note(`${calls} calls`, one);
    findings.check(one.right === calls, `${one.right} of ${calls} outcomes are right`);
    figures.push(one);
  }
  const [few, many] = figures as [NoOpFigures, NoOpFigures];
  for (const field of ["clientPeakMb", "schedulerPeakMb"] as const) {
    const grownMb = many[field] - few[field];
    findings.note(`${field}, more for ten times the calls`, grownMb);
    findings.check(grownMb <= growthMbMax, `${field} grew by ${grownMb} MB`);
  }
  const withRate = many.progress.filter((line) =>
    /\d\/1000000 \[.*<\d\d:\d\d, \d+it\/s\]/.test(line),
  );
  findings.check(withRate.length > 0, "no line of progress has a rate and a time left");
}
