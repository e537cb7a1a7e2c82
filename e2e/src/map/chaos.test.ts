// A tenth of the chaos soak.
import { expect, test } from "vitest";
import { killsOf, namedPoints } from "./chaos-plan.js";
import { chaosRun } from "./chaos-run.js";
import { ChaosSite } from "./chaos-site.js";

test("interrupted maps are gone on with, and nothing is lost, wrong or left over", async () => {
  await using site = await ChaosSite.start();
  const some = namedPoints().filter((_, at) => at % 10 === 3);
  let struck = 0;
  for (const [turn, chaos] of [...killsOf(14), ...some].entries()) {
    const outcome = await chaosRun(site, turn, chaos);
    expect(outcome.wrong, JSON.stringify(chaos)).toEqual([]);
    struck += outcome.struck ? 1 : 0;
  }
  expect(struck).toBeGreaterThan(10);
}, 180_000);
