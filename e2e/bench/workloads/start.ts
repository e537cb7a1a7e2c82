// How long until there is something to work with: loading the library, and the first result of a
// new local cluster. How processes are started is not known here.
import { measureCpu } from "../cpu-meter.js";
import type { Repetition } from "../repetition.js";
import { type Figure, type Sample, times, type Workload } from "../workload.js";

const withinMs = 120_000;
const bars = { must: [times(2, "dask")], moonshot: [times(5, "dask")] };
const ms = (name: string, more: Pick<Figure, "must" | "moonshot"> = {}): Figure => ({
  name,
  unit: "ms",
  better: "less",
  ...more,
});

/** Runs a program by itself until it says a word; also measures from the start of its process. */
async function untilSaid(repetition: Repetition, name: string, word: string): Promise<Sample> {
  const end = measureCpu([]);
  const program = repetition.start(repetition.commands.program(name, {}));
  const figures = JSON.parse(await program.line(word, withinMs)) as { milliseconds: number };
  const sinceStartMs = performance.now() - program.startedMs;
  repetition.disturbedBy(end());
  await program.end();
  return { milliseconds: figures.milliseconds, processMilliseconds: sinceStartMs };
}

export const coldStart: Workload = {
  name: "cold-start",
  measures:
    "first result of a new local cluster of 2 workers: from the call that starts it, and from " +
    "the start of the process",
  figures: [ms("milliseconds", bars), ms("processMilliseconds", bars)],
  systems: ["acme", "dask"],
  bound: "two worker processes that load their code on the cores that the client needs too",
  next: "load workers from a snapshot, or fewer modules before the first task",
  run: (repetition) => untilSaid(repetition, "cold-start", "first"),
};

export const importTime: Workload = {
  name: "import",
  measures: "loading the library: within the process, and from its start",
  figures: [ms("milliseconds"), ms("processMilliseconds")],
  systems: ["acme", "dask"],
  schemes: ["tcp"],
  bound: "the number of modules that the client loads before it is used",
  next: "bundle the published packages",
  run: (repetition) => untilSaid(repetition, "import", "loaded"),
};
