// Maps whose client, worker or scheduler is killed at any moment and at every named point between
// two calls to the file system, and that are gone on with.
import { killsOf, namedPoints } from "../map/chaos-plan.js";
import { type Chaos, chaosRun } from "../map/chaos-run.js";
import { ChaosSite } from "../map/chaos-site.js";
import type { Findings, SoakOptions } from "./findings.js";

const runs = 200;

export async function chaos(findings: Findings, options: SoakOptions): Promise<void> {
  await using site = await ChaosSite.start();
  const kills = killsOf(options.values ?? runs);
  const parts: [string, readonly Chaos[]][] = [
    ["kills", kills],
    ["named points", namedPoints()],
  ];
  let turn = 0;
  for (const [name, all] of parts) {
    await findings.part(name, async () => {
      let struck = 0;
      let resumed = 0;
      let kept = 0;
      for (const one of all) {
        turn += 1;
        const outcome = await chaosRun(site, turn, one);
        if (turn % 20 === 0) process.stdout.write(`  ${turn} runs\n`);
        struck += outcome.struck ? 1 : 0;
        resumed += outcome.sessions > 1 ? 1 : 0;
        kept += outcome.sessions > 1 ? outcome.kept : 0;
        const { wrong } = outcome;
        findings.check(wrong.length === 0, `${JSON.stringify(one)}: ${wrong.join("; ")}`);
      }
      findings.note(name, { runs: all.length, struck, resumed, resultsKept: kept });
    });
  }
}
