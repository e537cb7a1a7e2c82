import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const conditions = ["@acme/source"];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** They start processes and measure, so they run one by one. */
const endToEnd = {
  server: { deps: { external: [/\/dist\//] } },
  globalSetup: ["e2e/src/slurm/end-farm.ts"],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  fileParallelism: false,
};

/** File for a machine-readable report; named by whoever counts the tests. */
const report = process.env.ACME_TEST_REPORT;

/** For the clusters that tests start, so that they neither see nor leave any of the user's. */
const home = mkdtempSync(join(tmpdir(), "acme-test-home-"));
process.env.ACME_HOME = home;
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

// Unit tests run from source with no build; end-to-end tests use what users get: the built
// packages, loaded by node itself; test.mjs runs those on SLURM beside the rest.
export default defineConfig({
  test: {
    globalSetup: "./bundle.mjs",
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        ...fromSource,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          testTimeout: 20_000,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "e2e",
          include: ["e2e/{src,bench,conformance}/**/*.test.ts", "examples/*/src/**/*.test.ts"],
          exclude: ["e2e/src/slurm/**"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "slurm",
          include: ["e2e/src/slurm/**/*.test.ts"],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
