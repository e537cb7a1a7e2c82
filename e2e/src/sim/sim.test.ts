// Goal: whatever goes wrong, every wanted future resolves with the right value, and nothing is
// left behind. Method: many seeds of the simulator in two plain processes that run compiled code;
// then the same with planted bugs, each of which must be noticed.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { transitionTable as schedulerTable } from "@acme/scheduler/core";
import { transitionTable as workerTable } from "@acme/worker/core";
import { describe, expect, it } from "vitest";
import { addCounts, edgesOf } from "./coverage.js";
import { plantedBugs } from "./planted.js";
import type { SeedsReport } from "./seeds.js";

const main = fileURLToPath(new URL("../../dist/sim/main.js", import.meta.url));
const seedsPerProcess = 250;
const restlessSeeds = 120;

/** What one process prints, and what it said about failures. */
function simulate(...args: string[]): Promise<{ report: SeedsReport; said: string }> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      if (stdout === "") reject(new Error(stderr, { cause: error }));
      else resolve({ report: JSON.parse(stdout) as SeedsReport, said: stderr });
    });
  });
}

/** Edges that need a feature that is not there yet, or too rare a coincidence. */
const untakenEdges = {
  scheduler: [
    // Actors.
    "memory>erred",
    // A task in a queue has all its inputs: one of them must be lost and fail at the same moment.
    "queued>erred",
  ],
  worker: [] as string[],
};

describe("the simulator", () => {
  it("ends every seed with all answers right and all tables empty", {
    timeout: 400_000,
  }, async () => {
    const count = ["--seeds", String(seedsPerProcess)];
    const runs = await Promise.all([
      simulate(...count).then(async (usual) => [
        usual,
        await simulate("--restless", "--seeds", String(restlessSeeds)),
      ]),
      simulate(...count, "--from", String(seedsPerProcess)).then((usual) => [usual]),
    ]).then((both) => both.flat());
    const edges = { scheduler: new Map<string, number>(), worker: new Map<string, number>() };
    for (const { report, said } of runs) {
      expect(report.failed, said).toEqual([]);
      expect(report.fewestTasks).toBeGreaterThanOrEqual(60);
      expect(report.fewestWorkers).toBeGreaterThanOrEqual(3);
      expect(report.fewestFaults).toBeGreaterThanOrEqual(5);
      addCounts(edges.scheduler, Object.entries(report.edges.scheduler));
      addCounts(edges.worker, Object.entries(report.edges.worker));
    }
    const untaken = {
      scheduler: edgesOf(schedulerTable).filter((edge) => !edges.scheduler.has(edge)),
      worker: edgesOf(workerTable).filter((edge) => !edges.worker.has(edge)),
    };
    for (const room of ["scheduler", "worker"] as const) {
      const unexpected = untaken[room].filter((edge) => !untakenEdges[room].includes(edge));
      expect(unexpected, `edges of the ${room} that no seed took`).toEqual([]);
    }
    const seeds = runs.reduce((sum, { report }) => sum + report.seeds, 0);
    expect(seeds).toBe(2 * seedsPerProcess + restlessSeeds);
    console.info(figures(runs.map(({ report }) => report)), { untaken });
  });

  it("does the same again for the same seeds", async () => {
    const args = ["--seeds", "12", "--from", "5000"];
    const [one, other] = await Promise.all([simulate(...args), simulate(...args)]);
    expect(one.report.failed, one.said).toEqual([]);
    expect(other.report.hash).toBe(one.report.hash);
    const different = await simulate("--seeds", "12", "--from", "5100");
    expect(different.report.hash).not.toBe(one.report.hash);
  });

  it("runs without faults as well", async () => {
    const { report, said } = await simulate("--seeds", "30", "--from", "6000", "--calm");
    expect(report.failed, said).toEqual([]);
  });

  // The others take more seeds; `planted-main.js` tries them all.
  const quick = plantedBugs.flatMap((bug, number) =>
    bug.quick ? [[bug.name, number] as const] : [],
  );
  it.each(quick)("notices that %s", { timeout: 200_000 }, async (_, number) => {
    const { report, said } = await simulate("--plant", String(number), "--seeds", "60");
    expect(report.failed, said).toHaveLength(1);
    expect(said).toContain(`--plant ${number} --trace`);
  });
});

it("has dask's table of the scheduler's task machine", () => {
  expect(Object.fromEntries(edgesPerState(schedulerTable))).toEqual({
    released: ["erred", "forgotten", "waiting"],
    waiting: ["memory", "no-worker", "processing", "queued", "released"],
    "no-worker": ["erred", "processing", "released"],
    queued: ["erred", "processing", "released"],
    processing: ["erred", "memory", "released"],
    memory: ["erred", "forgotten", "released"],
    erred: ["released"],
    forgotten: [],
  });
});

const edgesPerState = (table: Readonly<Record<string, Iterable<string>>>) =>
  Object.entries(table).map(([from, targets]) => [from, [...targets].sort()] as const);

function figures(reports: readonly SeedsReport[]): string {
  const sum = (of: (report: SeedsReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const seconds = Math.max(...reports.map((report) => report.seconds));
  return (
    `${sum((r) => r.seeds)} seeds, ${sum((r) => r.tasks)} tasks, ${sum((r) => r.faults)} faults, ` +
    `${sum((r) => r.messages)} messages in ${seconds.toFixed(0)} s`
  );
}
