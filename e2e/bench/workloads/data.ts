// Values from the client to a worker and back: through the scheduler, and directly.
// How processes are started and measured is not known here.
import type { Repetition } from "../repetition.js";
import { type Figure, type Sample, times, type Workload } from "../workload.js";

const mebibyte = 2 ** 20;
const workers = 2;
const rounds = 5;

function figuresOf(moonshot: number): readonly Figure[] {
  const bars = { must: [times(1, "dask")], moonshot: [times(moonshot, "dask")] };
  const way = (name: string, barred: boolean): Figure => ({
    name,
    unit: "MB/s",
    better: "more",
    ...(barred ? bars : {}),
  });
  return [
    way("scatterDirect", true),
    way("gatherDirect", true),
    way("scatter", false),
    way("gather", false),
    { name: "cpuMillis", unit: "ms CPU/MB", better: "less" },
  ];
}

async function run(repetition: Repetition, size: number): Promise<Sample> {
  const bytes = size * mebibyte;
  const outcome = await repetition.runProgram("data", workers, { bytes, rounds });
  const { clientSeconds, schedulerSeconds, workerSeconds, figures } = outcome;
  const moved = 4 * rounds * (bytes / 1e6);
  const cpuSeconds = clientSeconds + schedulerSeconds + workerSeconds;
  return { ...figures, cpuMillis: (cpuSeconds * 1000) / moved };
}

const sizes = [
  { size: 1, moonshot: 2.5 },
  { size: 10, moonshot: 2.5 },
  { size: 100, moonshot: 1.3 },
];

export const data: readonly Workload[] = sizes.map(({ size, moonshot }) => ({
  name: `data-${size}`,
  measures: `scatter to a worker and gather from one, ${size} MiB at a time`,
  figures: figuresOf(moonshot),
  systems: ["acme", "dask"],
  bound: size < 10 ? "messages around the value" : "copies between sockets and memory",
  next: size < 10 ? "save a round trip" : "read into the memory where the value will stay",
  run: (repetition) => run(repetition, size),
}));
