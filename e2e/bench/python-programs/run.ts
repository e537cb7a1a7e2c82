// Runs one program on one scheduler, with fresh processes or on a cluster, and tells what it found and how long it
// took. What the program does is in the Python file of its name.
import { measureCpu } from "../cpu-meter.js";
import {
  benchFile,
  PythonCluster,
  type PythonSite,
  type SchedulerName,
} from "../python-cluster.js";

const programMs = 900_000;

/** In the order in which they are run and shown. */
export const programNames = [
  "array",
  "dataframe",
  "bag",
  "pipeline",
  "optimise",
  "nested",
] as const;

export interface Found {
  /** By part of the program; JSON of the same text if the results are the same. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly seconds: Readonly<Record<string, number>>;
  readonly schedulerCpuSeconds: number;
  /** Of all workers. */
  readonly workerCpuSeconds: number;
  readonly foreignShare: number;
}

export interface RunOptions {
  readonly scheduler: SchedulerName;
  readonly site: PythonSite;
  readonly scale: string;
  readonly workers: number;
}

/** @throws Error with the program's last words if it fails */
export async function runProgram(name: string, options: RunOptions): Promise<Found> {
  await using cluster = await PythonCluster.start(options);
  return await runOn(cluster, name, options);
}

/** The same on a cluster that may have run others before. */
export async function runOn(
  cluster: PythonCluster,
  name: string,
  { scale, workers }: Pick<RunOptions, "scale" | "workers">,
): Promise<Found> {
  const workerGroups = cluster.workers.map(({ group }) => group);
  const end = measureCpu([cluster.scheduler.group, ...workerGroups]);
  const program = cluster.program(benchFile(`python-programs/${name}.py`), [scale, `${workers}`]);
  const line = await program.line("found", programMs);
  await program.end();
  const cpu = end();
  return {
    ...JSON.parse(line),
    schedulerCpuSeconds: cpu.secondsOf(cluster.scheduler.group),
    workerCpuSeconds: workerGroups.reduce((sum, group) => sum + cpu.secondsOf(group), 0),
    foreignShare: cpu.foreignShare,
  };
}
