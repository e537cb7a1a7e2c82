// The kill scenario of the tests, several times over, with the spread of how long workers take to
// come back.
import { killedAmong, killWorkers } from "../resilience/kill-workers.js";
import type { Findings } from "./findings.js";

const rounds = 5;
const backWithinMs = 1_000;

export async function kill(findings: Findings): Promise<void> {
  const backMs: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    await findings.part(`round ${round}`, async () => {
      const figures = await killWorkers();
      findings.note(`round ${round}`, figures);
      backMs.push(...figures.backMs);
      findings.check(figures.rejected.length === 0, `round ${round} rejected ${figures.rejected}`);
      findings.check(figures.right === killedAmong.tasks, `round ${round}: ${figures.right} right`);
    });
  }
  const sorted = backMs.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
  const spread = {
    kills: sorted.length,
    min: sorted[0],
    median: at(0.5),
    p90: at(0.9),
    max: at(1),
  };
  findings.note("back after ms", spread);
  const slow = sorted.filter((ms) => ms >= backWithinMs).length;
  findings.check(slow === 0, `${slow} of ${sorted.length} workers took ${backWithinMs} ms or more`);
}
