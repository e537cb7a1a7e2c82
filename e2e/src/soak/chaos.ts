// Maps whose client, worker or scheduler is killed at any moment and at every named point between
// two calls to the file system, and that are gone on with.
import { killsOf, namedPoints } from "../map/chaos-plan.js";
import { type Chaos, chaosRun } from "../map/chaos-run.js";
import { ChaosSite } from "../map/chaos-site.js";
import type { Findings, SoakOptions } from "./findings.js";

const runs = 200;

/** Most of the time a run waits for processes to start. */
const atOnce = 2;

export async function chaos(findings: Findings, options: SoakOptions): Promise<void> {
  const kills = killsOf(options.values ?? runs);
  const parts: [string, readonly Chaos[]][] = [
    ["kills", kills],
    ["named points", namedPoints()],
  ];
  let turn = 0;
  for (const [name, all] of parts) {
    await findings.part(name, async () => {
      const figures = { runs: all.length, struck: 0, resumed: 0, resultsKept: 0 };
      const waiting = [...all];
      const lane = async () => {
        await using site = await ChaosSite.start();
        for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
          turn += 1;
          const { struck, sessions, kept, wrong } = await chaosRun(site, turn, one);
          if (turn % 20 === 0) process.stdout.write(`  ${turn} runs\n`);
          figures.struck += struck ? 1 : 0;
          figures.resumed += sessions > 1 ? 1 : 0;
          figures.resultsKept += sessions > 1 ? kept : 0;
          findings.check(wrong.length === 0, `${JSON.stringify(one)}: ${wrong.join("; ")}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      findings.note(name, figures);
    });
  }
}
