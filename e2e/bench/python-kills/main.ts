// The command: programs on our scheduler while their workers are being killed, again and again.
// main.js [--minutes N] [--seed S] prints a line of JSON per round, and one with the end.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../incumbent.js";
import { makeSite } from "../site.js";
import { killDuring, survivorWorks, type Victim } from "./kills.js";

const { values: given } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const victims: readonly Victim[] = ["worker", "nannied worker", "nanny"];
const workers = 3;
const size = 256;
const mostKills = 4;
/** Kills come after shares of the work between these. */
const share = { least: 0.02, most: 0.88 };

let state = Number(given.seed) >>> 0 || 1;
/** Xorshift: the same kills for the same seed, as far as time allows. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

const dask = install("python", ["dask", "distributed", "numpy", "pandas", "pyarrow"]);
const [credentials, remove] = makeSite({ dask, esiAcme: undefined });
const folder = mkdtempSync(join(tmpdir(), "acme-kills-"));
const site = { dask, folder, tls: credentials.tls };
const untilMs = performance.now() + Number(given.minutes) * 60_000;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

let rounds = 0;
let kills = 0;
let wrong = 0;
try {
  while (performance.now() < untilMs) {
    const work = survivorWorks[rounds % survivorWorks.length]!;
    const victim = victims[Math.floor(rounds / survivorWorks.length) % victims.length]!;
    const shares = Array.from({ length: 1 + Math.floor(random() * mostKills) }, () =>
      Number((share.least + random() * (share.most - share.least)).toFixed(2)),
    );
    // Who is the first to be at it is who unfolds the graph.
    const first = work === "unfold" ? [0] : [];
    const after = [...first, ...shares.toSorted((a, b) => a - b)];
    rounds += 1;
    try {
      const options = { site, work, size, workers, victim, after, random };
      const { found, right, seconds, kills: done } = await killDuring(options);
      kills += done;
      if (found !== right) wrong += 1;
      say({ round: rounds, work, victim, after, kills: done, seconds, found, right });
    } catch (error) {
      wrong += 1;
      say({ round: rounds, work, victim, after, failed: (error as Error).message });
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  remove();
}
say({ end: { rounds, kills, wrong } });
process.exitCode = wrong === 0 ? 0 : 1;
