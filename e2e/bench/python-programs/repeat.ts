// One program several times on either scheduler, in turns: what it found, which must be the same each
// time on one scheduler, and the medians of what it took. Starts and measures nothing itself.
import type { SchedulerName } from "../python-cluster.js";
import { spreadOf } from "../statistics.js";
import type { Found } from "./run.js";

export interface Both {
  readonly dask: Found;
  readonly acme: Found;
}

/** @param run - the program once, on the scheduler of this name */
export async function repeated(
  times: number,
  run: (scheduler: SchedulerName) => Promise<Found>,
): Promise<Both> {
  const found: Record<SchedulerName, Found[]> = { dask: [], acme: [] };
  for (let time = 0; time < times; time++) {
    // Neither is always the one that comes first.
    const order: SchedulerName[] = time % 2 === 0 ? ["dask", "acme"] : ["acme", "dask"];
    for (const scheduler of order) found[scheduler].push(await run(scheduler));
  }
  return { dask: medianOf(found.dask), acme: medianOf(found.acme) };
}

/** @throws Error if values differ between runs on the same scheduler */
export function medianOf(runs: readonly Found[]): Found {
  const [first] = runs;
  if (first === undefined) throw new RangeError("no runs");
  const said = new Set(runs.map(({ values }) => JSON.stringify(values)));
  if (said.size > 1)
    throw new Error(`one scheduler, different results: ${[...said].join(" and ")}`);
  const median = (figure: (run: Found) => number): number =>
    Number(spreadOf(runs.map(figure)).median.toFixed(3));
  const parts = Object.keys(first.seconds);
  return {
    values: first.values,
    seconds: Object.fromEntries(
      parts.map((part) => [part, median(({ seconds }) => seconds[part] ?? Number.NaN)]),
    ),
    schedulerCpuSeconds: median((run) => run.schedulerCpuSeconds),
    workerCpuSeconds: median((run) => run.workerCpuSeconds),
    foreignShare: median((run) => run.foreignShare),
  };
}
