// The command of the long tests: main.js [name…] [--minutes n] [--values n] [--only part] runs the
// soaks of these names, or all of them, prints what they find, and leaves a record of each in
// e2e/results.
import { parseArgs } from "node:util";
import { chaos } from "./chaos.js";
import { conformance } from "./conformance.js";
import { crossing } from "./crossing.js";
import { Findings, type Soak, type SoakOptions } from "./findings.js";
import { flood } from "./flood.js";
import { fuzz } from "./fuzz.js";
import { golden } from "./golden.js";
import { kill } from "./kill.js";
import { languages } from "./languages.js";
import { memory } from "./memory.js";
import { million } from "./million.js";
import { mixed } from "./mixed.js";
import { python } from "./python.js";
import { queues } from "./queues.js";
import { writeRecord } from "./record.js";
import { scale } from "./scale.js";
import { simulator } from "./simulator.js";
import { slurm } from "./slurm/slurm.js";

const soaks: ReadonlyMap<string, Soak> = new Map(
  Object.entries({
    memory,
    flood,
    kill,
    simulator,
    mixed,
    fuzz,
    scale,
    slurm,
    golden,
    languages,
    queues,
    chaos,
    million,
    python,
    crossing,
    conformance,
  }),
);

const { positionals: names, values: given } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string" }, values: { type: "string" }, only: { type: "string" } },
});
const options: SoakOptions = {
  minutes: given.minutes === undefined ? undefined : Number(given.minutes),
  values: given.values === undefined ? undefined : Number(given.values),
  only: given.only,
};
const unknown = names.filter((name) => !soaks.has(name));
if (unknown.length > 0) {
  process.stderr.write(`no soak is called ${unknown}; there are ${[...soaks.keys()].join(", ")}\n`);
  process.exit(2);
}

const summary: string[] = [];
for (const [name, soak] of soaks) {
  if (names.length > 0 && !names.includes(name)) continue;
  const startedAt = new Date();
  process.stdout.write(`${name}\n`);
  const findings = new Findings();
  await findings.part("all", () => soak(findings, options));
  // What ran only in part has nothing to say of the whole.
  if (options.only === undefined) writeRecord(name, findings, startedAt);
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
  const { failures } = findings;
  if (failures.length > 0) process.exitCode = 1;
  const end = failures.length === 0 ? "passed" : `FAILED (${failures.length})`;
  summary.push(`${name}: ${end} in ${seconds} s`, ...failures.map((text) => `  ${text}`));
}
process.stdout.write(`\n${summary.join("\n")}\n`);
