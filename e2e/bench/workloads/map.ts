// Maps of no-ops over two workers, with what each process spends on a task.
// How processes are started and measured is not known here.
import type { Repetition } from "../repetition.js";
import { type Figure, type Sample, times, type Workload } from "../workload.js";

const workers = 2;

const cpuFigures: readonly Figure[] = [
  {
    name: "schedulerMicros",
    unit: "µs CPU/task",
    better: "less",
    must: [times(4, "dask")],
    moonshot: [times(12, "dask")],
  },
  { name: "workerMicros", unit: "µs CPU/task", better: "less" },
  { name: "clientMicros", unit: "µs CPU/task", better: "less" },
];

async function run(repetition: Repetition, tasks: number): Promise<Sample> {
  const outcome = await repetition.runProgram("map", workers, { tasks });
  const micros = (seconds: number) => (seconds * 1e6) / tasks;
  return {
    tasksPerSecond: tasks / outcome.figures.seconds!,
    submitMs: outcome.figures.submitSeconds! * 1000,
    schedulerMicros: micros(outcome.schedulerSeconds),
    workerMicros: micros(outcome.workerSeconds),
    clientMicros: micros(outcome.clientSeconds),
  };
}

const bars = {
  must: [times(10, "dask"), times(4, "best")],
  moonshot: [times(40, "dask"), times(10, "best")],
} as const;

export const map10k: Workload = {
  name: "map-10k",
  measures: "10,000 no-ops on 2 workers, submit to gathered, all processes fresh",
  figures: [
    { name: "tasksPerSecond", unit: "tasks/s", better: "more", ...bars },
    ...cpuFigures,
    { name: "submitMs", unit: "ms", better: "less" },
  ],
  bound: "compiling, which is half of the processor time of all processes, on two cores",
  next: "less code on the way of a message: read it into its object without a Map in between",
  run: (repetition) => run(repetition, 10_000),
};

export const map100k: Workload = {
  name: "map-100k",
  measures: "100,000 no-ops on 2 workers, submit to gathered, all processes fresh",
  figures: [
    { name: "tasksPerSecond", unit: "tasks/s", better: "more", ...bars },
    ...cpuFigures,
    { name: "submitMs", unit: "ms", better: "less" },
  ],
  slow: true,
  bound: "the workers' share of each task",
  next: "fewer messages between a worker's control thread and its executor",
  run: (repetition) => run(repetition, 100_000),
};
