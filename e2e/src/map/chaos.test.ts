// A small part of the chaos soak: kills of each kind, and some of the named points.
import { expect, test } from "vitest";
import { killsOf, namedPoints } from "./chaos-plan.js";
import { type Chaos, chaosRun } from "./chaos-run.js";
import { ChaosSite } from "./chaos-site.js";

/** Runs these one after the other; most of the time each waits for processes to start. */
async function runAll(runs: readonly [turn: number, chaos: Chaos][]): Promise<number> {
  await using site = await ChaosSite.start();
  let struck = 0;
  for (const [turn, chaos] of runs) {
    const outcome = await chaosRun(site, turn, chaos);
    expect(outcome.wrong, JSON.stringify(chaos)).toEqual([]);
    struck += outcome.struck ? 1 : 0;
  }
  return struck;
}

test("interrupted maps are gone on with, and nothing is lost, wrong or left over", async () => {
  const some = namedPoints().filter((_, at) => at % 16 === 3);
  const runs = [...[...killsOf(6), ...some].entries()];
  const lanes = [0, 1].map((lane) => runAll(runs.filter(([turn]) => turn % 2 === lane)));
  const struck = await Promise.all(lanes);
  expect(struck.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(5);
}, 180_000);
