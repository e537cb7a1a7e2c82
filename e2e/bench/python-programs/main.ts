// The command: real Python programs, unmodified, on dask's scheduler and on ours, with the same
// workers; results compared, times beside each other.
// main.js [program…] [--scale small|full] [--workers N] [--insecure]
// Leaves what was run at full scale in e2e/results/python-programs.json.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../incumbent.js";
import { makeSite } from "../site.js";
import { printTable, writeRecord } from "./report.js";
import { type Found, programNames, runProgram } from "./run.js";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: "string", default: "full" },
    workers: { type: "string", default: "2" },
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
const found: Record<string, { dask: Found; acme: Found }> = {};
try {
  for (const name of chosen) {
    process.stdout.write(`${name}: on dask's scheduler …`);
    const theirs = await runProgram(name, { ...shared, scheduler: "dask" });
    process.stdout.write(" on ours …");
    const ours = await runProgram(name, { ...shared, scheduler: "acme" });
    found[name] = { dask: theirs, acme: ours };
    process.stdout.write(" done\n");
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
  remove();
}
const differing = printTable(found);
if (given.scale === "full") {
  writeRecord(found, { versions: dask.versions, workers: shared.workers, tls: !given.insecure });
}
if (differing.length > 0) {
  process.stderr.write(`different results: ${differing.join(", ")}\n`);
  process.exitCode = 1;
}
