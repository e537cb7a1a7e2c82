// The command: what a scheduler costs by itself, with workers that compute nothing.
// main.js --workload map|tree|shuffle --size N --workers W [--rounds R] [--repeat K]
// Prints one line of JSON per run. Rounds run on one scheduler, repeats start a fresh one each.
import { parseArgs } from "node:util";
import { map, shuffle, tree, type Workload } from "./graphs.js";
import { measure } from "./measure.js";

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "map" },
    /** Tasks of a map, leaves of a tree, sources of a shuffle. */
    size: { type: "string" },
    workers: { type: "string", default: "64" },
    nthreads: { type: "string", default: "1" },
    "inline-bytes": { type: "string", default: "0" },
    rounds: { type: "string", default: "1" },
    repeat: { type: "string", default: "1" },
    "tls-ca-file": { type: "string" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    /** A flag for the scheduler's node, such as --cpu-prof. */
    node: { type: "string", multiple: true, default: [] },
  },
});

const workloads: Record<string, (run: string) => Workload> = {
  map: (run) => map(Number(values.size ?? 10_000), run),
  tree: (run) => tree(Number(values.size ?? 5_000), run),
  shuffle: (run) => shuffle(Number(values.size ?? 100), run),
};
const make = workloads[values.workload];
if (make === undefined) {
  process.stderr.write(`no workload is called ${values.workload}\n`);
  process.exit(2);
}
const ca = values["tls-ca-file"];
const tls =
  ca === undefined ? undefined : { ca, cert: values["tls-cert"]!, key: values["tls-key"]! };
for (let i = 0; i < Number(values.repeat); i++) {
  const setting = {
    workers: Number(values.workers),
    nthreads: Number(values.nthreads),
    inlineBytes: Number(values["inline-bytes"]),
    rounds: Number(values.rounds),
    nodeFlags: values.node,
    tls,
  };
  await measure(make, setting, (figures) => process.stdout.write(`${JSON.stringify(figures)}\n`));
}
