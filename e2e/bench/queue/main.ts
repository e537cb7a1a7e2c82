// Many workers at once as jobs of one SLURM on this machine, beside dask-jobqueue: main.js
// [--workers n] [--steady seconds] [--only acme|dask]. Prints, and leaves a record.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { install } from "../incumbent.js";
import { startDask } from "./dask.js";
import { startFarm } from "./farm.js";
import { type OurStart, startOurs } from "./ours.js";

const recordFile = fileURLToPath(new URL("../../../results/queue.json", import.meta.url));

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "200" },
    steady: { type: "string", default: "60" },
    only: { type: "string" },
    record: { type: "boolean", default: false },
  },
});
const workers = Number(values.workers);

/** Bounds for our way; dask-jobqueue's is only told. */
function faults(start: OurStart): string[] {
  const { submitCommands, waitingPolls, registeredMs, steadyPolls, steadyS } = start;
  return [
    ...(submitCommands <= 5 ? [] : [`${submitCommands} commands to submit`]),
    ...(waitingPolls <= 1 + registeredMs / 5000 ? [] : [`${waitingPolls} polls while waiting`]),
    ...(steadyPolls <= Math.ceil((2 * steadyS) / 60) ? [] : [`${steadyPolls} polls when steady`]),
  ];
}

function earlier(): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8"));
  } catch {
    return {};
  }
}

const farm = startFarm();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    farm.end();
    process.exit(1);
  });
}
Object.assign(process.env, farm.env);
const found: Record<string, unknown> = {};
try {
  if (values.only !== "dask") {
    const start = await startOurs(farm, workers, Number(values.steady));
    const loadAverage = loadavg()[0];
    found.acme = {
      ...start,
      loadAverage,
      freeMb: Math.round(freemem() / 2 ** 20),
      faults: faults(start),
    };
    if (faults(start).length > 0) process.exitCode = 1;
  }
  if (values.only !== "acme") {
    const packages = ["dask-jobqueue", "dask", "distributed"];
    const incumbent = install("dask-jobqueue", packages);
    found["dask-jobqueue"] = {
      ...(await startDask(farm, incumbent, workers)),
      loadAverage: loadavg()[0],
      versions: incumbent.versions,
    };
  }
} finally {
  farm.end();
}
process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
if (values.record) {
  const machine = { cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  const date = new Date().toISOString();
  const before = earlier();
  const name = `${workers} workers`;
  const record = { ...before, [name]: { ...(before[name] as object), date, machine, ...found } };
  writeFileSync(recordFile, `${JSON.stringify(record, null, 2)}\n`);
}
