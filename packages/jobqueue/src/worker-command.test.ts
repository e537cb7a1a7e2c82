// The worker's line of a script: what each option of a job becomes, and that a shell reads it as it
// was meant.
import { execFileSync } from "node:child_process";
import { loadConfig } from "@acme/config";
import { describe, expect, it } from "vitest";
import { drivers } from "./drivers/drivers.js";
import type { JobOptions } from "./options/job-options.js";
import { resolveJob } from "./options/resolve-job.js";
import { pythonCommand } from "./python-command.js";
import { workerCommand } from "./worker-command.js";

function commandOf(options: JobOptions, slotExpression = "$SLOT"): string {
  const config = loadConfig({ env: {}, homeDir: "/nowhere" });
  const context = {
    system: "slurm",
    config,
    nodePath: "/opt/node",
    logDirectory: "/logs",
  } as const;
  const place = {
    entry: "/my code/cli.js",
    clusterFolder: "/home/ada/c",
    address: null,
    slotExpression,
  };
  return workerCommand(resolveJob({ cores: 4, memory: "8 GiB", ...options }, context), place);
}

/** The words that the program would get. */
function wordsOf(command: string, env: Record<string, string>): string[] {
  const script = `printf '%s\\n' ${command}`;
  return execFileSync("bash", ["--norc", "-c", script], { env, encoding: "utf8" })
    .trimEnd()
    .split("\n");
}

describe("the worker's command", () => {
  it("names everything by absolute paths", () => {
    expect(wordsOf(commandOf({}), { SLOT: "12_3" })).toEqual([
      ...["/opt/node", "/my code/cli.js", "--cluster", "/home/ada/c", "--name", "12_3"],
      ...["--nthreads", "4", "--memory-limit", String(8 * 2 ** 30)],
      ...["--death-timeout", "60000ms", "--host", "auto"],
    ]);
  });

  it("shares a job among processes", () => {
    const words = wordsOf(commandOf({ processes: 2 }), { SLOT: "1_0" }).join(" ");
    expect(words).toContain(`--nthreads 2 --memory-limit ${4 * 2 ** 30} --nworkers 2`);
  });

  it("passes on what is asked of workers, with the node's own variables", () => {
    const words = wordsOf(
      commandOf({
        memory: false,
        interface: "ib0",
        localDirectory: "$SCRATCH/a b",
        nanny: false,
        deathTimeout: "2 min",
        resources: { MEM: 1 },
        gpus: 2,
        workerExtraArgs: ["--lifetime", "1h"],
      }),
      { SLOT: "1_0", SCRATCH: "/scratch" },
    ).join("|");
    for (const part of [
      "--memory-limit|0",
      "--no-nanny",
      "--death-timeout|120000ms",
      "--interface|ib0",
      "--local-directory|/scratch/a b",
      "--resources|MEM=1",
      "--gpus|2",
      "--lifetime|1h",
    ]) {
      expect(words).toContain(part);
    }
    expect(words).not.toContain("--host");
  });

  it.each([
    ["slurm", { SLURM_ARRAY_JOB_ID: "12", SLURM_ARRAY_TASK_ID: "3" }],
    ["pbs", { PBS_JOBID: "12[3].head.example", PBS_ARRAY_INDEX: "3" }],
    ["pbs", { SLURM_ARRAY_JOB_ID: "12", SLURM_JOB_ID: "15", SLURM_ARRAY_TASK_ID: "3" }],
    ["sge", { JOB_ID: "12", SGE_TASK_ID: "3" }],
  ] as const)("finds its slot on a node of %s: %j", (system, env) => {
    const command = commandOf({}, drivers[system].slotExpression);
    const words = wordsOf(command, { PATH: process.env.PATH as string, ...env });
    expect(words[words.indexOf("--name") + 1]).toBe("12_3");
  });

  it("is 0 for a job of PBS that is no array", () => {
    const command = commandOf({}, drivers.pbs.slotExpression);
    const env = { PATH: process.env.PATH as string, PBS_JOBID: "12.head" };
    expect(wordsOf(command, env)).toContain("12_0");
  });
});

describe("the command of Python workers", () => {
  const place = { clusterFolder: "/home/ada/my c", address: null, slotExpression: "$SLOT" };
  const config = loadConfig({ env: {}, homeDir: "/nowhere" });
  const context = { system: "slurm", config, nodePath: "/opt/node", logDirectory: "logs" } as const;
  const jobOf = (options: JobOptions) =>
    resolveJob({ cores: 4, memory: "8 GiB", ...options }, context);

  it("finds the scheduler and the certificates by paths, and stays in the background", () => {
    const command = pythonCommand(
      jobOf({ python: { workers: 2, executable: "/env/bin/python" } }),
      place,
    );
    expect(command?.endsWith(" &")).toBe(true);
    const script = `env() { printf '%s\\n' "$@"; }\nenv ${command?.slice(0, -2)}`;
    const words = execFileSync("bash", ["--norc", "-c", script], {
      env: { SLOT: "7_1" },
      encoding: "utf8",
    }).split("\n");
    expect(words).toContain("DASK_DISTRIBUTED__COMM__TLS__WORKER__KEY=/home/ada/my c/key.pem");
    expect(words.slice(words.indexOf("/env/bin/python"), -1)).toEqual([
      ...["/env/bin/python", "-m", "distributed.cli.dask_worker"],
      ...["--scheduler-file", "/home/ada/my c/scheduler.json", "--name", "python-7_1"],
      ...["--nworkers", "2", "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"],
    ]);
  });

  it("is there only if it is asked for, with a number", () => {
    expect(pythonCommand(jobOf({}), place)).toBeUndefined();
    expect(() => jobOf({ python: {} as never })).toThrow(/python.workers/);
  });
});
