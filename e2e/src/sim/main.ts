// The command: runs seeds, one after another, and prints the first that fails with the command
// that replays it. Prints its figures as one line of JSON.
//   main.js [--seeds N] [--from N] [--keep-going]   many seeds
//   main.js --seed N [--trace]                      one seed
//   main.js --calm | --restless …                   in another mood (plan.ts)
//   main.js --plant N …                             with planted bug number N in the cores
import { register } from "node:module";
import { parseArgs } from "node:util";
import { plantedBugs } from "./planted.js";
import type { RunError } from "./run.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "0" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    calm: { type: "boolean", default: false },
    restless: { type: "boolean", default: false },
    plant: { type: "string" },
    "keep-going": { type: "boolean", default: false },
  },
});

if (values.plant !== undefined) {
  const data = plantedBugs[Number(values.plant)];
  if (data === undefined) throw new Error(`there are ${plantedBugs.length} planted bugs`);
  register("./plant-hook.js", import.meta.url, { data });
}

// Only now, so that the hook sees the cores being loaded.
const { runSeeds } = await import("./seeds.js");
const { calm, restless, trace } = values;
const isOne = values.seed !== undefined;

const report = runSeeds({
  from: Number(values.seed ?? values.from),
  count: isOne ? 1 : Number(values.seeds),
  mood: calm ? "calm" : restless ? "restless" : "usual",
  trace,
  keepGoing: values["keep-going"],
  onFailure: tell,
});
process.stdout.write(`${JSON.stringify(report)}\n`);
if (report.failed.length > 0) process.exitCode = 1;

function tell({ seed, message, cause }: RunError): void {
  const mood = calm ? " --calm" : restless ? " --restless" : "";
  const options = `${mood}${values.plant ? ` --plant ${values.plant}` : ""}`;
  const lines = [message, `replay: node e2e/dist/sim/main.js --seed ${seed}${options} --trace`];
  if (isOne) lines.splice(1, 0, (cause as Error).stack ?? "");
  process.stderr.write(`${lines.join("\n")}\n`);
}
