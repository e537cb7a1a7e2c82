// The command that tries every planted bug: how many seeds until the simulator notices it?
// Each bug gets processes of its own; what the bugs are stands in planted.ts.
//   planted-main.js [--seeds N] [--only 0,3,…]
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { plantedBugs } from "./planted.js";
import type { SeedsReport } from "./seeds.js";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "400" }, only: { type: "string" } },
});
const main = fileURLToPath(new URL("./main.js", import.meta.url));
const wanted = values.only?.split(",").map(Number) ?? [...plantedBugs.keys()];

const queue = wanted.values();
const results: { number: number; name: string; seeds: number | null; seconds: number }[] = [];
await Promise.all([work(), work()]);
results.sort((a, b) => a.number - b.number);
process.stdout.write(`${JSON.stringify(results)}\n`);
if (results.some((result) => result.seeds === null)) process.exitCode = 1;

async function work(): Promise<void> {
  for (const number of queue) {
    const report = await search(number);
    const { name } = plantedBugs[number] as (typeof plantedBugs)[number];
    const seeds = report.failed.length > 0 ? report.seeds : null;
    results.push({ number, name, seeds, seconds: Math.round(report.seconds * 10) / 10 });
    process.stderr.write(`${seeds ?? "not found"}  ${name}\n`);
  }
}

function search(number: number): Promise<SeedsReport> {
  const args = [main, "--plant", String(number), "--seeds", values.seeds];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      if (stdout === "") reject(new Error(`bug ${number}: ${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout) as SeedsReport);
    });
  });
}
