// Thread limits in a script: as a shell on the node makes them, with what the user has set.
import { execFileSync } from "node:child_process";
import { loadConfig } from "@acme/config";
import { describe, expect, it } from "vitest";
import type { JobOptions } from "../options/job-options.js";
import { resolveJob } from "../options/resolve-job.js";
import type { BatchSystem } from "./driver.js";
import { drivers } from "./drivers.js";

function scriptOf(options: JobOptions, workerCommand = "worker", system: BatchSystem = "slurm") {
  const config = loadConfig({ env: {}, homeDir: "/nowhere" });
  const context = { system, config, nodePath: "/node", logDirectory: "/logs" };
  const job = resolveJob({ cores: 4, memory: "8 GiB", ...options }, context);
  return drivers[system].script(job, { tag: "acme:x", workerCommand });
}

describe("threads of numeric libraries", () => {
  const seen = (options: JobOptions, env: Record<string, string> = {}): string => {
    const script = scriptOf(options, "printenv OMP_NUM_THREADS MKL_NUM_THREADS");
    const path = process.env.PATH as string;
    return execFileSync("bash", { input: script, env: { PATH: path, ...env }, encoding: "utf8" });
  };

  it("are the cores that tasks leave over", () => {
    expect(seen({ cores: 2, processes: 2, jobCpu: 8 })).toBe("4\n4\n");
    expect(seen({ cores: 3, nanny: false })).toBe("1\n1\n");
  });

  it("are what the user has set, wherever that was", () => {
    const options = { cores: 1, jobCpu: 8 };
    expect(seen(options, { OMP_NUM_THREADS: "3" })).toBe("3\n8\n");
    expect(seen({ ...options, env: { OMP_NUM_THREADS: "5" } })).toBe("5\n8\n");
    expect(seen({ ...options, jobScriptPrologue: ["export MKL_NUM_THREADS=2"] })).toBe("8\n2\n");
  });

  it("are left to the nanny when there are no more than tasks", () => {
    expect(scriptOf({ cores: 4 })).not.toContain("NUM_THREADS");
  });
});

it.each([
  ["slurm", "\n#SBATCH --gres=gpu:2\n"],
  ["pbs", "\n#PBS -l select=1:ncpus=4:ngpus=2:mem="],
  ["sge", "\n#$ -l gpu=2\n"],
] as const)("asks %s for GPUs", (system, text) => {
  expect(scriptOf({ gpus: 2 }, "worker", system)).toContain(text);
  expect(scriptOf({}, "worker", system)).not.toContain("gpu");
});
