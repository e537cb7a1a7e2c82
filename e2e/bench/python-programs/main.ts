// The command: real Python programs, unmodified, on dask's scheduler and on ours, with the same
// workers; results compared, times beside each other.
// main.js [program…] [--scale small|full] [--workers N] [--repeat N] [--insecure]
// Leaves what was run at full scale in e2e/results/python-programs.json.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../incumbent.js";
import { makeSite } from "../site.js";
import { type Both, repeated } from "./repeat.js";
import { printTable, writeRecord } from "./report.js";
import { programNames, runProgram } from "./run.js";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: "string", default: "full" },
    workers: { type: "string", default: "2" },
    repeat: { type: "string", default: "1" },
    insecure: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !programNames.includes(name as never));
if (unknown.length > 0) {
  process.stderr.write(`no program is called ${unknown}; there are ${programNames.join(", ")}\n`);
  process.exit(2);
}
const chosen = programNames.filter((one) => positionals.length === 0 || positionals.includes(one));

const dask = install("python", ["dask", "distributed", "numpy", "pandas", "pyarrow"]);
const [site, remove] = makeSite({ dask, esiAcme: undefined });
const scratch = mkdtempSync(join(tmpdir(), "acme-programs-"));
const shared = {
  site: { dask, folder: scratch, tls: given.insecure ? null : site.tls },
  scale: given.scale,
  workers: Number(given.workers),
};
const times = Number(given.repeat);
const found: Record<string, Both> = {};
try {
  for (const name of chosen) {
    process.stdout.write(`${name}:`);
    found[name] = await repeated(times, (scheduler) => {
      process.stdout.write(` on ${scheduler === "dask" ? "dask's scheduler" : "ours"} …`);
      return runProgram(name, { ...shared, scheduler });
    });
    process.stdout.write(" done\n");
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
  remove();
}
const differing = printTable(found);
if (given.scale === "full") {
  const { versions } = dask;
  writeRecord(found, { versions, workers: shared.workers, tls: !given.insecure, times });
}
if (differing.length > 0) {
  process.stderr.write(`different results: ${differing.join(", ")}\n`);
  process.exitCode = 1;
}
