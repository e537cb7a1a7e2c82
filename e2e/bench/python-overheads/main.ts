// The command: what a scheduler adds to the work of Python, dask's and ours with the same client
// and the same workers, in one run.
// main.js [real|zero …] [--only "10,000 tiny"] [--insecure] [--quick]
// Leaves e2e/results/python-overheads.json and the table in docs/python.md, where what was not
// measured again stays as it was; --quick, a tenth of the tasks, leaves nothing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../incumbent.js";
import type { SchedulerName } from "../python-cluster.js";
import { makeSite } from "../site.js";
import type { Measured } from "./figures.js";
import { printRatios, writeRecord } from "./report.js";
import { Side, type Work } from "./side.js";

interface Setting {
  readonly name: string;
  readonly part: "real" | "zero";
  readonly work: Work;
  readonly tasks: number;
  /** Tasks that are held already, so that what a scheduler needs once is there. */
  readonly beside?: number;
}

const settings: readonly Setting[] = [
  { name: "10,000 tiny tasks", part: "real", work: "mapped", tasks: 10_000 },
  { name: "100,000 tiny tasks", part: "real", work: "mapped", tasks: 100_000 },
  { name: "array graph of 50,000", part: "real", work: "array", tasks: 50_000 },
  { name: "one task after another", part: "real", work: "latency", tasks: 200 },
  { name: "map of 10,000, no work", part: "zero", work: "held", tasks: 10_000 },
  { name: "map of 100,000, no work", part: "zero", work: "held", tasks: 100_000 },
  {
    name: "100,000 beside 10,000, no work",
    part: "zero",
    work: "held",
    tasks: 100_000,
    beside: 10_000,
  },
  { name: "tree of 100,000, no work", part: "zero", work: "tree", tasks: 100_000 },
  { name: "array of 50,000, no work", part: "zero", work: "array", tasks: 50_000 },
];
/** One thread each, as many as the machine has cores for. */
const realWorkers = 2;
const fakeWorkers = 32;
const warmUpTasks = 1_000;

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    insecure: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const isWanted = ({ part, name }: Setting): boolean =>
  (positionals.length === 0 || positionals.includes(part)) &&
  (given.only === undefined || name.startsWith(given.only));
const chosen = settings.filter(isWanted);
const shrink = given.quick ? 10 : 1;

const dask = install("python", ["dask", "distributed", "numpy", "pandas", "pyarrow"]);
const [credentials, remove] = makeSite({ dask, esiAcme: undefined });
const folder = mkdtempSync(join(tmpdir(), "acme-overheads-"));
const site = { dask, folder, tls: given.insecure ? null : credentials.tls };

async function measured(scheduler: SchedulerName, setting: Setting) {
  const fake = setting.part === "zero";
  const workers = fake ? fakeWorkers : realWorkers;
  await using side = await Side.start({ scheduler, site, workers, fake });
  // Imports of Python, compilation of JavaScript.
  await side.work("held", warmUpTasks);
  await side.release();
  const { work, tasks, beside } = setting;
  if (beside !== undefined) await side.work("held", beside / shrink);
  return await side.work(work, tasks / shrink, beside !== undefined);
}

const found: Measured[] = [];
try {
  for (const setting of chosen) {
    process.stdout.write(`${setting.name}: dask …`);
    const theirs = await measured("dask", setting);
    process.stdout.write(" acme …");
    const ours = await measured("acme", setting);
    process.stdout.write(" done\n");
    const { name, part } = setting;
    found.push({ name, part, dask: theirs, acme: ours });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  remove();
}
printRatios(found);
if (chosen.length > 0 && !given.quick) {
  writeRecord(found, { versions: dask.versions, tls: !given.insecure, realWorkers, fakeWorkers });
}
