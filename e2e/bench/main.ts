// The command of the benchmark: main.js [workload…] [--quick] [--reps N] [--scheme tcp|tls]. Runs,
// prints, and leaves a record and a page, a quick run only prints.
import { type Incumbent, install } from "./incumbent.js";
import { parseOptions } from "./options.js";
import { writePage } from "./page.js";
import { versionsOf, writeRecord } from "./record.js";
import { type Result, runWorkload } from "./run-workload.js";
import { makeSite } from "./site.js";
import { notesOf, plainTable, rowsOf } from "./table.js";
import { workloads } from "./workloads/index.js";

const say = (text: string) => void process.stdout.write(`${text}\n`);

function installEsiAcme(): Incumbent | undefined {
  try {
    return install("esi-acme", ["esi-acme", "dask"]);
  } catch (error) {
    say(`esi-acme cannot be installed, so ParallelMap has no one to be compared with: ${error}`);
    return undefined;
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), workloads);
  const { quick, repetitions } = options;
  const date = new Date();
  const dask = install("dask", ["dask", "distributed", "cryptography"]);
  const [site, removeSite] = makeSite({ dask, esiAcme: installEsiAcme() });
  process.on("exit", removeSite);
  say(JSON.stringify(versionsOf(site)));
  const results: Result[] = [];
  for (const workload of options.workloads) {
    for (const scheme of options.schemes) {
      if (workload.schemes?.includes(scheme) === false) continue;
      say(`\n${workload.name}: ${workload.measures} (${scheme}://)`);
      const result = await runWorkload(workload, scheme, { site, quick, repetitions });
      results.push(result);
      say(plainTable(rowsOf(workload, result)));
      for (const note of notesOf(result)) say(`note: ${note}`);
      if (result.failures.length > 0) process.exitCode = 1;
      if (!quick) writePage(writeRecord([result], site, date), workloads);
    }
  }
  say(`\n${results.length} results in ${Math.round((Date.now() - date.getTime()) / 1000)} s`);
}

process.once("SIGINT", () => process.exit(130));
await main();
