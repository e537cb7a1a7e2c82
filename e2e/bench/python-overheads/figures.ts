// What is told of a measurement, by name: how each figure comes of the costs of one side.
// Prints and writes nothing.
import type { Cost } from "./side.js";

export interface Measured {
  readonly name: string;
  readonly part: "real" | "zero";
  readonly dask: Cost;
  readonly acme: Cost;
}

export interface Figure {
  readonly name: string;
  readonly of: (cost: Cost) => number | undefined;
  /** More is better. */
  readonly isRate?: boolean;
  /** Its heading in the table of the documentation. */
  readonly column?: string;
}

const perTask = (value: number | undefined, { tasks }: Cost): number | undefined =>
  value === undefined ? undefined : value / tasks;

const micros = (seconds: number | undefined, cost: Cost): number | undefined =>
  seconds === undefined ? undefined : perTask(seconds * 1e6, cost);

/** dask's scheduler unfolds graphs itself, ours has Python do it elsewhere. */
const withUnfolding = ({ schedulerCpuSeconds, materialiseCpuSeconds }: Cost) =>
  materialiseCpuSeconds === undefined ? undefined : schedulerCpuSeconds + materialiseCpuSeconds;

export const figures: readonly Figure[] = [
  { name: "end to end, s", column: "end to end, s", of: ({ seconds }) => seconds },
  { name: "median latency, ms", column: "median latency, ms", of: ({ p50Ms }) => p50Ms },
  {
    name: "tasks/s from the first to the last",
    column: "tasks/s",
    of: ({ windowSeconds, tasks }) =>
      windowSeconds === undefined ? undefined : tasks / windowSeconds,
    isRate: true,
  },
  {
    name: "scheduler's CPU per task, µs",
    column: "scheduler's CPU per task, µs",
    of: (cost) => micros(cost.schedulerCpuSeconds, cost),
  },
  {
    name: "the same with unfolding",
    column: "with unfolding",
    of: (cost) => micros(withUnfolding(cost), cost),
  },
  { name: "client's CPU per task, µs", of: (cost) => micros(cost.clientCpuSeconds, cost) },
  { name: "workers' CPU per task, µs", of: (cost) => micros(cost.workersCpuSeconds, cost) },
  { name: "bytes of run specs per task", of: (cost) => perTask(cost.specBytes, cost) },
  {
    name: "scheduler's memory per task, bytes",
    column: "scheduler's memory per task, bytes",
    // Tasks that come one after another leave nothing behind.
    of: (cost) => (cost.p50Ms === undefined ? perTask(cost.schedulerBytes, cost) : undefined),
  },
];
