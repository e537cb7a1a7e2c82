// dask-jobqueue's way to as many workers, in the same SLURM, with the same job for each.
// Must not know what is made of the figures.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Incumbent } from "../incumbent.js";
import type { BenchFarm } from "./farm.js";
import type { Start } from "./ours.js";

const program = fileURLToPath(new URL("../../../bench/python/jobs.py", import.meta.url));

/** What the program prints, times in seconds since 1970. */
interface Printed {
  readonly begin: number;
  readonly scale: number;
  readonly registered: number;
  readonly close: number;
  readonly closed: number;
}

export async function startDask(
  farm: BenchFarm,
  { python }: Incumbent,
  workers: number,
): Promise<Start> {
  const { stdout } = await execa(python, [program, `${workers}`, farm.hostAddress], {
    env: farm.env,
    cwd: farm.shared,
    timeout: 900_000,
  });
  const times = JSON.parse(stdout.split("\n").at(-1) as string) as Printed;
  const between = (from: number, to: number) =>
    farm.sent().filter(({ atMs }) => atMs >= from * 1000 && atMs <= to * 1000);
  const submissions = between(times.begin, times.closed).filter(({ argv }) =>
    argv.startsWith("sbatch"),
  );
  return {
    workers,
    startMs: Math.round((times.registered - times.begin) * 1000),
    registeredMs: Math.round((times.registered - times.scale) * 1000),
    submitCommands: submissions.length,
    waitingPolls: between(times.scale, times.registered).length - submissions.length,
    closeMs: Math.round((times.closed - times.close) * 1000),
    closeCommands: between(times.close, times.closed + 2).length,
    commands: between(times.begin, times.closed + 2).length,
  };
}
