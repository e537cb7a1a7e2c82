// What a scheduler costs by itself: workers that finish every task at once, over the real protocol.
// The same fake workers stand behind every scheduler. How figures are compared is not known here.
import { residentBytes } from "../path/cpu-time.js";
import type { Repetition } from "../repetition.js";
import { type Bar, type Figure, type Sample, times, value, type Workload } from "../workload.js";

interface Load {
  readonly shape: "map" | "tree" | "shuffle";
  readonly size: number;
  readonly workers: number;
}

async function run(repetition: Repetition, load: Load): Promise<Sample> {
  const { shape, size, workers } = load;
  const cluster = await repetition.startZeroCluster(workers);
  const program = await repetition.connect("zero", cluster, { shape, size, workers });
  const pid = cluster.scheduler.group;
  const before = residentBytes(pid);
  const { figures, schedulerSeconds } = await repetition.work(program, cluster);
  const { tasks, seconds } = figures as { tasks: number; seconds: number };
  return {
    tasksPerSecond: tasks / seconds,
    schedulerMicros: (schedulerSeconds * 1e6) / tasks,
    bytesPerTask: (residentBytes(pid) - before) / tasks,
  };
}

interface Bars {
  readonly speed: Pick<Figure, "must" | "moonshot">;
  readonly memory?: Pick<Figure, "must" | "moonshot">;
}

const figuresOf = ({ speed, memory }: Bars): readonly Figure[] => [
  { name: "tasksPerSecond", unit: "tasks/s", better: "more", ...speed },
  {
    name: "schedulerMicros",
    unit: "µs CPU/task",
    better: "less",
    must: [times(4, "dask")],
    moonshot: [times(12, "dask")],
  },
  { name: "bytesPerTask", unit: "B RSS/task", better: "less", ...memory },
];

const both = (must: Bar[], moonshot: Bar[]) => ({ must, moonshot });
const workers = 64;
const cold =
  "compiling: four threads of V8 take as long as the scheduler itself; warm it costs two thirds";

const map10k: Workload = {
  name: "zero-map-10k",
  measures: "a scheduler by itself: 10,000 no-ops on 64 workers that compute nothing",
  figures: figuresOf({ speed: both([times(2.5, "dask")], [times(5, "dask")]) }),
  bound: cold,
  next: "less code on the way of a message: read it into its object without a Map in between",
  run: (repetition) => run(repetition, { shape: "map", size: 10_000, workers }),
};

const map100k: Workload = {
  name: "zero-map-100k",
  measures: "a scheduler by itself: 100,000 no-ops on 64 workers that compute nothing",
  figures: figuresOf({
    speed: both([times(5, "dask"), times(2.5, "best")], [times(12, "dask"), times(8, "best")]),
    memory: both([times(2, "dask")], [times(5, "dask")]),
  }),
  slow: true,
  bound: "messages: reading one and writing another for each task",
  next: "a columnar form of the messages between our own peers",
  run: (repetition) => run(repetition, { shape: "map", size: 100_000, workers }),
};

const dependent = both([times(2.5, "dask")], [times(6, "dask")]);

const tree: Workload = {
  name: "zero-tree",
  measures: "a scheduler by itself: pairwise sums over 5,000 leaves, 64 workers",
  figures: figuresOf({ speed: dependent }),
  bound: cold,
  next: "less code on the way of a message: read it into its object without a Map in between",
  run: (repetition) => run(repetition, { shape: "tree", size: 5_000, workers }),
};

const shuffle: Workload = {
  name: "zero-shuffle",
  measures: "a scheduler by itself: a shuffle of 100 by 100, 64 workers",
  figures: figuresOf({ speed: dependent }),
  bound: cold,
  next: "less code on the way of a message: read it into its object without a Map in between",
  run: (repetition) => run(repetition, { shape: "shuffle", size: 100, workers }),
};

const scaling: Workload = {
  name: "zero-1000",
  measures: "a scheduler by itself: 10,000 no-ops on 64 and on 1,000 workers",
  figures: [
    {
      name: "growth",
      unit: "times the CPU",
      better: "less",
      must: [value(1.3)],
      moonshot: [value(1.15)],
    },
    { name: "tasksPerSecond", unit: "tasks/s", better: "more" },
    { name: "schedulerMicros", unit: "µs CPU/task", better: "less" },
  ],
  bound: "a frame per worker and turn, so that fewer tasks share one",
  next: "give each worker more tasks at once when there are many workers",
  async run(repetition) {
    const few = await run(repetition, { shape: "map", size: 10_000, workers });
    await repetition.endAll();
    const many = await run(repetition, { shape: "map", size: 10_000, workers: 1_000 });
    return {
      growth: many.schedulerMicros! / few.schedulerMicros!,
      tasksPerSecond: many.tasksPerSecond!,
      schedulerMicros: many.schedulerMicros!,
    };
  },
};

export const zero: readonly Workload[] = [map10k, tree, shuffle, scaling, map100k];
