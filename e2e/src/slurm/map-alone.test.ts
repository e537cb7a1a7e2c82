// A map that starts its own jobs, on a SLURM of the plain kind that ACME does not run on: what it
// needs not to be told, and what a person at a terminal is asked when the queue is full.
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { inTerminal, needTerminal, type Seen, type TerminalOptions } from "../terminal.js";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { programFolder, queued, runUserProgram } from "./user-program.js";

let farm: SlurmFarm;
beforeEach(async (context) => {
  farm = await slurmFarm(context);
});

/** Where the job of a call writes what it prints, as SLURM says. */
const whereOutput = `
  const f = async (x) => {
    const { execFileSync } = await import("node:child_process");
    const id = process.env.SLURM_JOB_ID;
    const told = execFileSync("scontrol", ["-o", "show", "job", id], { encoding: "utf8" });
    return [/ Partition=(\\S+)/.exec(told)[1], / StdOut=(\\S+)/.exec(told)[1]];
  };
`;
const mapWith = (options: string) => `${whereOutput}
  const places = await new ParallelMap(f, [1]).compute({ output: "memory", ${options} });
  console.log(JSON.stringify(places[0]));
`;

it("finding 9: a map starts its own jobs, whose output has a place", async () => {
  const body = mapWith('partition: "8GBXS"');
  const { stdout, stderr } = await runUserProgram(farm, "ParallelMap", body);
  expect(JSON.parse(stdout || "[]"), stderr).toEqual([
    "8GBXS",
    expect.stringMatching(/^\/.+\.(out|log)$/),
  ]);
});

it("finding 10: neither accounting nor DefMemPerCPU is needed", async () => {
  await expect(farm.run("sacctmgr", ["--noheader", "show", "qos"])).rejects.toThrow();
  const partition = await farm.run("scontrol", ["-o", "show", "partition", "urgent"]);
  expect(partition).not.toContain("DefMemPerCPU");
  const body = mapWith('partition: "urgent"');
  const { stdout, stderr } = await runUserProgram(farm, "ParallelMap", body);
  expect(JSON.parse(stdout || "[]")[0], stderr).toBe("urgent");
});

it("finding 11: without a partition SLURM's default is taken", async () => {
  const none = await runUserProgram(farm, "ParallelMap", mapWith(""));
  expect(JSON.parse(none.stdout || "[]")[0], none.stderr).toBe("8GBXS");
});

it("chooses a partition by what a few calls take here, if it is told to choose", async () => {
  const auto = mapWith('partition: "auto"');
  const anywhere = auto.replace(
    "async (x) => {",
    'async (x) => {\nif (!process.env.SLURM_JOB_ID) return "here";',
  );
  const chosen = await runUserProgram(farm, "ParallelMap", anywhere);
  expect(chosen.stderr).toContain("making a few calls here, to know how much memory they take");
  expect(chosen.stderr).toMatch(/a call takes up to \d+ MB, its worker included/);
  expect(JSON.parse(chosen.stdout || "[]")[0], chosen.stderr).toBe("8GBXS");
  const untried = await runUserProgram(farm, "ParallelMap", auto);
  expect(untried.stderr).toContain("calls cannot be tried here (Command failed: scontrol");
  expect(JSON.parse(untried.stdout || "[]")[0], untried.stderr).toBe("8GBXS");
});

/** Nothing can start until the test has ended. */
async function fillQueue(): Promise<void> {
  const nodes = (await farm.run("sinfo", ["--noheader", "--format=%D", "-p", "urgent"])).trim();
  const all = ["-p", "urgent", "--exclusive", `--nodes=${nodes}`, "--time=10"];
  const id = await farm.sbatch("sleep 600", ...all);
  onTestFinished(async () => {
    await farm.run("scancel", [id]);
    await expect.poll(() => queued(farm), { timeout: 30_000 }).toEqual([]);
  });
  await farm.jobsReach(id, ["RUNNING"]);
}

async function mapInTerminal(
  options: string,
  answers: TerminalOptions["answers"] = [],
): Promise<Seen & { readonly jobs: readonly string[] }> {
  const before = await queued(farm);
  const body = `
    const f = (x) => 2 * x;
    const given = { output: "memory", partition: "8GBXS", nWorkers: 1, ${options} };
    await new ParallelMap(f, [1]).compute(given).then(
      (values) => console.log("computed " + values),
      (error) => console.log(error.code),
    );
  `;
  using program = programFolder(farm, "ParallelMap", body);
  const command = `${process.execPath} ${program.path}`;
  const run = { columns: 120, cwd: farm.shared, env: farm.env, answers };
  const seen = await inTerminal(command, run);
  const jobs = (await queued(farm)).filter((id) => !before.includes(id));
  return { ...seen, jobs };
}

const late = /No worker yet\. \[k\]eep waiting for 2 s or \[a\]bort\? \[a, in \d+ s by itself\] /;

it("asks a person at a terminal what to do when setupTimeout is over", async (context) => {
  await needTerminal(context);
  await fillQueue();
  const keys = [
    [late, "k\n"],
    [late, "a\n"],
  ] as const;
  const { text, jobs } = await mapInTerminal("setupTimeout: 2", keys);
  expect(text).toMatch(/workers ready: 0\/1 .*timeout at 00:02/);
  expect(text.match(/No worker yet/g)?.length).toBeGreaterThanOrEqual(2);
  expect(text).toContain("NO_CLUSTER");
  expect(jobs).toEqual([]);
});

it("asks nobody with interactive: false, and fails in time", async (context) => {
  await needTerminal(context);
  await fillQueue();
  const { text, elapsedMs, jobs } = await mapInTerminal("setupTimeout: 2, interactive: false");
  expect(text).not.toContain("[k]eep");
  expect(text).toContain("NO_CLUSTER");
  expect(elapsedMs).toBeLessThan(20_000);
  expect(jobs).toEqual([]);
});

it("waits in the queue without setupTimeout, until there is room", async (context) => {
  await needTerminal(context);
  await fillQueue();
  const filling = await queued(farm);
  const making = mapInTerminal("");
  await expect
    .poll(async () => (await queued(farm)).length, { timeout: 30_000 })
    .toBeGreaterThan(filling.length);
  await farm.run("scancel", filling);
  const { text } = await making;
  expect(text).toContain("computed 2");
});
