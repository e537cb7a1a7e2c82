// A site's dask-jobqueue configuration must give the job script that dask-jobqueue gives, but for
// the differences that docs/batch-systems.md names. The scripts were made by dask-jobqueue 0.9.0, from
// the values of its documentation's examples and from options one by one.
import { readFileSync } from "node:fs";
import { loadConfig } from "@acme/config";
import { describe, expect, it } from "vitest";
import { resolveJob } from "../options/resolve-job.js";
import type { BatchSystem } from "./driver.js";
import { drivers } from "./drivers.js";

interface Example {
  system: BatchSystem;
  config: Record<string, unknown>;
  script: string[];
}

const examples = JSON.parse(
  readFileSync(new URL("./fixtures/dask-scripts.json", import.meta.url), "utf8"),
) as Record<string, Example>;

/** What our scripts have and dask's have not. */
const ours: Readonly<Record<BatchSystem, readonly RegExp[]>> = {
  slurm: [
    // Whose job it is, for `acme jobs` and for cleaning up.
    /^#SBATCH --comment=acme:/,
    // One log file per element of the array, errors among the rest.
    /^#SBATCH -o /,
    /^#SBATCH --open-mode=append$/,
    // Newer releases of dask-jobqueue write it as well.
    /^#SBATCH -N 1$/,
    // We start workers again ourselves; twice would be one too many.
    /^#SBATCH --no-requeue$/,
    // Time to leave in good order.
    /^#SBATCH --signal=/,
  ],
  pbs: [/^#PBS -[eo] /, /^#PBS -j oe$/, /^#PBS -r n$/],
  sge: [/^#\$ -[eo] /, /^#\$ -S /, /^#\$ -r n$/, /^#\$ -notify$/],
};

/** What dask's scripts have and ours have not. */
const theirs: readonly RegExp[] = [
  /^#SBATCH -[eo] /,
  // The name tells whose workers they are.
  / -[JN] dask-worker$/,
  /distributed\.cli\.dask_worker/,
];

/** Cores beyond those that tasks use are for numeric libraries, which would not know of them. */
const threadLimit = /^export (OMP|MKL|OPENBLAS)_NUM_THREADS=/;

/** Half an hour is no good guess for everybody: where nothing is said, the queue's own counts. */
const defaultWalltime = /^(#SBATCH -t|#PBS -l walltime=|#\$ -l h_rt=) ?00:30:00$/;

const isNamed = (line: string, list: readonly RegExp[]) => list.some((one) => one.test(line));

describe.each(Object.entries(examples))("%s", (_, { system, config, script }) => {
  const job = resolveJob(
    {},
    {
      system,
      config: loadConfig({
        env: {},
        homeDir: "/nowhere",
        overrides: { [`jobqueue.${system}`]: config },
      }),
      nodePath: "/usr/bin/node",
      logDirectory: "/logs",
    },
  );
  const made = drivers[system].script(job, { tag: "acme:x", workerCommand: "node worker.js" });
  const lines = made.split("\n").filter((line) => line !== "");

  it("has every line that dask's has", () => {
    const missing = script.filter((line) => line !== "" && !lines.includes(line));
    const known = config.walltime === undefined ? [...theirs, defaultWalltime] : theirs;
    expect(missing.filter((line) => !isNamed(line, known))).toEqual([]);
  });

  it("has them in the same order, but for lines that may stand anywhere", () => {
    const shared = script.filter((line) => line !== "" && lines.includes(line));
    expect(lines.filter((line) => shared.includes(line))).toEqual(shared);
    expect(lines[0]).toBe(script[0]);
  });

  it("has nothing else but what is named", () => {
    const more = lines.filter((line) => !script.includes(line));
    const rest = more.filter((line) => !isNamed(line, [...ours[system], threadLimit]));
    const named = / -[JN] acme-worker$|^(exec )?node worker\.js$|^echo done$/;
    expect(rest.filter((line) => !named.test(line))).toEqual([]);
  });
});
