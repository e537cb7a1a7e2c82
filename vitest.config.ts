import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const conditions = ["@acme/source"];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** File for a machine-readable report; named by whoever counts the tests. */
const report = process.env.ACME_TEST_REPORT;

/** For the clusters that tests start, so that they neither see nor leave any of the user's. */
const home = mkdtempSync(join(tmpdir(), "acme-test-home-"));
process.env.ACME_HOME = home;
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

// Unit tests run from source with no build; end-to-end tests use what users get: the built
// packages, loaded by node itself. They start processes and measure, so they run one by one.
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
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e/{src,bench}/**/*.test.ts", "examples/*/src/**/*.test.ts"],
          server: { deps: { external: [/\/dist\//] } },
          globalSetup: ["e2e/src/slurm/end-farm.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
