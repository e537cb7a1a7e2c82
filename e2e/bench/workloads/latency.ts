// One tiny task at a time: how long until its result is back.
// How processes are started and measured is not known here.
import type { Repetition } from "../repetition.js";
import { type Bar, type Figure, type Sample, times, type Workload } from "../workload.js";

const workers = 2;
const pauseMs = 20;

/** Overhead is compared with what dask needs when its own batching window is not in the way. */
const thanPaused = (factor: number): Bar => ({
  type: "times-figure",
  factor,
  figure: "pausedP50",
});

const ms = (name: string, bars: Pick<Figure, "must" | "moonshot"> = {}): Figure => ({
  name,
  unit: "ms",
  better: "less",
  ...bars,
});

async function run(repetition: Repetition): Promise<Sample> {
  const [tasks, pausedTasks] = repetition.quick ? [500, 100] : [1000, 300];
  const cluster = await repetition.startCluster(workers);
  const program = await repetition.connect("latency", cluster, { tasks, pauseMs: 0 });
  const busy = await repetition.work(program, cluster);
  await program.kill();
  const second = await repetition.connect("latency", cluster, { tasks: pausedTasks, pauseMs });
  const paused = await repetition.work(second, cluster);
  return {
    p50: busy.figures.p50!,
    p95: busy.figures.p95!,
    p99: busy.figures.p99!,
    pausedP50: paused.figures.p50!,
    pausedP95: paused.figures.p95!,
    pausedP99: paused.figures.p99!,
    schedulerMicros: (busy.schedulerSeconds * 1e6) / tasks,
  };
}

export const latency: Workload = {
  name: "latency",
  measures: "one tiny task, submit to result: back to back, and after pauses of 20 ms",
  figures: [
    ms("p50", { must: [thanPaused(5)], moonshot: [thanPaused(10), times(17, "dask")] }),
    ms("p95"),
    ms("p99", { must: [times(2, "dask")], moonshot: [times(4, "dask")] }),
    ms("pausedP50", { must: [times(5, "dask")], moonshot: [times(10, "dask")] }),
    ms("pausedP95"),
    ms("pausedP99", { must: [times(2, "dask")], moonshot: [times(4, "dask")] }),
    { name: "schedulerMicros", unit: "µs CPU/task", better: "less" },
  ],
  bound:
    "code of three processes that runs too seldom to be compiled well or to find its caches warm",
  next: "wake the control thread of a worker once for a call instead of twice",
  run,
};
