import { defineConfig } from "vitest/config";

const conditions = ["@acme/source"];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// Unit tests run from source with no build; end-to-end tests use what users get: the built
// packages, loaded by node itself.
export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: { name: "unit", include: ["packages/*/src/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        test: {
          name: "e2e",
          server: { deps: { external: [/\/dist\//] } },
          include: ["e2e/src/**/*.test.ts", "examples/*/src/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
