import { defineConfig } from "vitest/config";

const conditions = ["@acme/source"];
const common = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** File for a machine-readable report; named by whoever counts the tests. */
const report = process.env.ACME_TEST_REPORT;

// Unit tests run from source with no build; end-to-end tests start the built programs.
export default defineConfig({
  test: {
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        ...common,
        test: { name: "unit", include: ["packages/*/src/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        ...common,
        test: {
          name: "e2e",
          include: ["e2e/src/**/*.test.ts", "examples/*/src/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
