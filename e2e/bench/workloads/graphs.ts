// Graphs of tiny tasks that need each other, on two workers: a chain, a tree, a shuffle.
// How processes are started and measured is not known here.
import type { Repetition } from "../repetition.js";
import { type Bar, type Figure, type Sample, times, type Workload } from "../workload.js";

const workers = 2;

interface Shape {
  readonly name: string;
  readonly size: number;
  readonly quickSize: number;
  readonly measures: string;
  readonly must: readonly Bar[];
  readonly moonshot: readonly Bar[];
  readonly bound: string;
  readonly next: string;
}

const shapes: readonly Shape[] = [
  {
    name: "chain",
    size: 2_000,
    quickSize: 500,
    measures: "a chain in which each task needs the one before, on 2 workers",
    must: [times(5, "dask")],
    moonshot: [times(15, "dask")],
    bound: "one round trip between scheduler and worker for each step",
    next: "send a worker the next step before its input is computed",
  },
  {
    name: "tree",
    size: 5_000,
    quickSize: 1_000,
    measures: "pairwise sums over 5,000 leaves (1,000 in a quick run), on 2 workers",
    must: [times(2.5, "dask")],
    moonshot: [times(6, "dask")],
    bound: "the client, which packs each task of an explicit graph by itself",
    next: "pack tasks of one function together",
  },
  {
    name: "shuffle",
    size: 100,
    quickSize: 40,
    measures: "100 sources cut into 100 parts each for 100 sinks (40 in a quick run), on 2 workers",
    must: [times(2.5, "dask")],
    moonshot: [times(6, "dask")],
    bound: "the client, which packs each task of an explicit graph by itself",
    next: "pack tasks of one function together",
  },
];

function figuresOf({ must, moonshot }: Shape): readonly Figure[] {
  const micros = (name: string): Figure => ({ name, unit: "µs CPU/task", better: "less" });
  return [
    { name: "microsPerTask", unit: "µs/task", better: "less", must, moonshot },
    micros("schedulerMicros"),
    micros("workerMicros"),
    micros("clientMicros"),
  ];
}

async function run(repetition: Repetition, shape: Shape): Promise<Sample> {
  const size = repetition.quick ? shape.quickSize : shape.size;
  const outcome = await repetition.runProgram("graph", workers, { shape: shape.name, size });
  const tasks = outcome.figures.tasks!;
  const micros = (seconds: number) => (seconds * 1e6) / tasks;
  return {
    microsPerTask: micros(outcome.figures.seconds!),
    schedulerMicros: micros(outcome.schedulerSeconds),
    workerMicros: micros(outcome.workerSeconds),
    clientMicros: micros(outcome.clientSeconds),
  };
}

export const graphs: readonly Workload[] = shapes.map((shape) => ({
  name: shape.name,
  measures: shape.measures,
  figures: figuresOf(shape),
  bound: shape.bound,
  next: shape.next,
  run: (repetition) => run(repetition, shape),
}));
