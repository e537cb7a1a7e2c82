// Who is who among the processes of one srun, and what each was given.
import { expect, it } from "vitest";
import { workerFlags } from "./worker-role.js";
import { fillIn, identityOf, readWorld, shareOf } from "./world.js";

const env = (rank: number, size = 4) => ({
  SLURM_JOB_ID: "12",
  SLURM_STEP_ID: "3",
  SLURM_PROCID: String(rank),
  SLURM_NTASKS: String(size),
});

it("deals the roles by rank", () => {
  const roles = (hasClient: boolean) =>
    [0, 1, 2, 3].map((rank) => readWorld(env(rank), hasClient).role);
  expect(roles(true)).toEqual(["scheduler", "client", "worker", "worker"]);
  expect(roles(false)).toEqual(["scheduler", "worker", "worker", "worker"]);
  expect(readWorld(env(0), true).nWorkers).toBe(2);
  expect(readWorld(env(0), false).nWorkers).toBe(3);
});

it("refuses a world that is too small, in every process of it", () => {
  expect(() => readWorld(env(1, 2), true)).toThrow(/2 processes.*-n 3 or more/);
  expect(readWorld(env(1, 2), false).nWorkers).toBe(1);
  expect(() => readWorld(env(0, 1), false)).toThrow(/1 process,.*-n 2 or more/);
});

it("names what srun would have set", () => {
  const batchScript = { ...env(0), SLURM_STEP_ID: undefined };
  expect(() => readWorld(batchScript, true)).toThrow(/has not set SLURM_STEP_ID: start it as in/);
  expect(() => readWorld({}, true)).toThrow(/SLURM_JOB_ID, SLURM_STEP_ID, SLURM_PROCID/);
});

it("tells a run from an earlier one of the same job", () => {
  const first = readWorld(env(0), true);
  const again = readWorld({ ...env(0), SLURM_RESTART_COUNT: "1" }, true);
  expect(identityOf(first)).toEqual({ jobId: "12.3", restarts: 0 });
  expect(identityOf(again)).toEqual({ jobId: "12.3", restarts: 1 });
  expect(fillIn("a-{job_id}.{step_id}-{other}.json", first)).toBe("a-12.3-{other}.json");
});

it("gives a worker what SLURM gave to its process", () => {
  expect(shareOf({})).toEqual({ cores: 1, memoryMib: null });
  expect(shareOf({ SLURM_CPUS_PER_TASK: "2", SLURM_MEM_PER_CPU: "500" })).toEqual({
    cores: 2,
    memoryMib: 1000,
  });
  const node = { SLURM_MEM_PER_NODE: "4000", SLURM_STEP_TASKS_PER_NODE: "2(x3),4,1" };
  expect(shareOf(node)).toEqual({ cores: 1, memoryMib: 1000 });
});

it("lets options go before that", () => {
  const contact = { folder: "/home/ada/.acme/clusters/x" } as Parameters<typeof workerFlags>[0];
  const flags = workerFlags(contact, 3, {}, { SLURM_CPUS_PER_TASK: "2" }).join(" ");
  expect(flags).toBe(
    "--cluster /home/ada/.acme/clusters/x --name 3 --nthreads 2 --death-timeout 120000ms --host auto",
  );
  const options = { nthreads: 1, memoryLimit: "1 GB", interface: "ib0", timeoutMs: 5000 };
  expect(workerFlags(contact, 3, options, { SLURM_MEM_PER_CPU: "9" }).join(" ")).toBe(
    "--cluster /home/ada/.acme/clusters/x --name 3 --nthreads 1 --memory-limit 1 GB " +
      "--death-timeout 5000ms --interface ib0",
  );
});
