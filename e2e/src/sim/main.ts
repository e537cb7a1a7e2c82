// The command: runs seeds, one after another, and prints the first that fails with the command
// that replays it. Usage: main.js [--seeds N] [--from N] [--seed N [--trace]] [--calm] [--json]
import { parseArgs } from "node:util";
import { RunError, run } from "./run.js";
import { runSeeds } from "./seeds.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "0" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    calm: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    "keep-going": { type: "boolean", default: false },
  },
});

const { calm, trace, json } = values;

if (values.seed !== undefined) {
  const seed = Number(values.seed);
  try {
    const { coverage, ...result } = run({ seed, calm, trace });
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    report(error);
  }
} else {
  const report_ = runSeeds({
    from: Number(values.from),
    count: Number(values.seeds),
    calm,
    keepGoing: values["keep-going"],
    onFailure: report,
  });
  const { coverage, ...figures } = report_;
  const edges = {
    scheduler: Object.fromEntries(coverage.scheduler),
    worker: Object.fromEntries(coverage.worker),
  };
  process.stdout.write(`${JSON.stringify(json ? { ...figures, edges } : figures)}\n`);
}

function report(error: unknown): void {
  process.exitCode = 1;
  if (!(error instanceof RunError)) throw error;
  const { seed, message, cause } = error;
  process.stderr.write(`${message}\n`);
  if (values.seed !== undefined || !values["keep-going"]) {
    process.stderr.write(`${(cause as Error).stack ?? ""}\n`);
  }
  process.stderr.write(`replay: node e2e/dist/sim/main.js --seed ${seed} --trace\n`);
}
