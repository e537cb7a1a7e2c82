import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

const conditions = ["@acme/source"];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** They start processes: two at a time keep two cores busy. */
const endToEnd = {
  server: { deps: { external: [/\/dist\//] } },
  globalSetup: ["e2e/src/slurm/end-farm.ts"],
  setupFiles: ["e2e/src/own-home.ts"],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // What processes do takes long on a busy machine.
  expect: { poll: { timeout: 20_000 } },
};

/** They look at what their process has done or holds, so each has one of its own. */
const inFreshProcess = [
  "packages/protocol/src/key.test.ts",
  "packages/serialize/src/functions/get-ready.test.ts",
  "packages/worker/src/exec/garbage.test.ts",
];

const unit = {
  ...fromSource,
  test: {
    testTimeout: 20_000,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { groupOrder: 1 },
  },
};

/** They measure time or memory, which work beside them would spoil: first, and one by one. */
const measuring = [
  "e2e/src/map/many-calls.test.ts",
  "e2e/src/memory/**/*.test.ts",
  "e2e/src/resilience/{busy-loop,kill}.test.ts",
];

/** Those that lose nodes, controllers, jobs and programs: as long together as the rest on SLURM. */
const lossesOnSlurm = [
  "e2e/src/queues/**/*.test.ts",
  "e2e/src/slurm/{farm,jobs-command,lost-node,orphans,scheduler-job,walltime}.test.ts",
];

/** They take longest, so they begin first, lest one of them ends alone. */
const longest = [
  "python/programs",
  "sim/sim",
  "map/chaos",
  "python/ext",
  "outside",
  "security/com",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    const rank = (path: string) => {
      const at = longest.findIndex((part) => path.includes(`/e2e/src/${part}`));
      return at < 0 ? longest.length : at;
    };
    const others = await super.sort(files);
    return others.sort((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

/** File for a machine-readable report; named by whoever counts the tests. */
const report = process.env.ACME_TEST_REPORT;

/** For the clusters that tests start, so that they neither see nor leave any of the user's. */
const home = mkdtempSync(join(tmpdir(), "acme-test-home-"));
process.env.ACME_HOME = home;
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

// Unit tests run from source with no build; end-to-end tests use what users get: the built
// packages, loaded by node itself; test.mjs runs those on SLURM beside the rest, in two processes.
export default defineConfig({
  test: {
    globalSetup: "./bundle.mjs",
    sequence: { sequencer: LongestFirst },
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        test: {
          ...endToEnd,
          name: "measuring",
          include: measuring,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...unit,
        test: {
          ...unit.test,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          exclude: inFreshProcess,
          // Loading the same source again for each file took longer than the tests.
          isolate: false,
        },
      },
      { ...unit, test: { ...unit.test, name: "unit-fresh", include: inFreshProcess } },
      {
        test: {
          ...endToEnd,
          name: "e2e",
          include: ["e2e/{src,bench,conformance}/**/*.test.ts", "examples/*/src/**/*.test.ts"],
          exclude: ["e2e/src/slurm/**", "e2e/src/queues/**", ...measuring],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "slurm",
          include: ["e2e/src/slurm/**/*.test.ts"],
          exclude: lossesOnSlurm,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "slurm-losses",
          include: lossesOnSlurm,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
