// What a scheduler and a worker hold while nothing happens.
// How processes are started is not known here.
import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "../path/cpu-time.js";
import { type Figure, times, type Workload } from "../workload.js";

const settleMs = 3_000;
const megabytes = (bytes: number): number => bytes / 1e6;

const memory = (name: string): Figure => ({
  name,
  unit: "MB",
  better: "less",
  must: [times(1, "dask")],
  moonshot: [times(1 / 0.75, "dask")],
});

export const idle: Workload = {
  name: "idle",
  measures: "resident memory of an idle scheduler and of an idle worker",
  figures: [memory("schedulerMB"), memory("workerMB")],
  systems: ["acme", "dask"],
  schemes: ["tcp"],
  bound: "node itself, which holds about 41 MB before it runs a line, and one thread's heap",
  next: "load less code before it is needed, and give threads smaller young generations",
  async run(repetition) {
    const cluster = await repetition.startCluster(1);
    const program = await repetition.connect("latency", cluster, { tasks: 0, pauseMs: 0 });
    await program.kill();
    const { scheduler, workers } = cluster;
    await sleep(settleMs);
    return {
      schedulerMB: megabytes(residentBytes(scheduler.group)),
      workerMB: megabytes(residentBytes(workers[0]!.group)),
    };
  },
};
