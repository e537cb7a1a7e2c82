// Modules that changed, vanished or fail where a function arrives, and unusual ways to run.

import { hostname } from "node:os";
import { expect, test, vi } from "vitest";
import { runFixture } from "../functions/fixtures/run.js";

// It starts a dozen processes.
vi.setConfig({ testTimeout: 120_000 });

test("modules in other processes", async () => {
  const answers = await runFixture("loading.mjs");
  const codes = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [name, answer.error?.code ?? answer]),
  );
  expect(codes).toEqual({
    unchanged: { value: 2 },
    changedAfterPacking: "MODULE_MISMATCH",
    changedBeforePacking: "MODULE_MISMATCH",
    missing: "MODULE_NOT_FOUND",
    missingImport: "MODULE_NOT_FOUND",
    failsOnImport: "MODULE_FAILED",
    topLevelAwait: { kind: "reference", value: 2 },
    permission: { kind: "reference", refused: "NO_INSPECTOR" },
    eval: { kind: "value", value: 7 },
    workerThread: { kind: "value" },
    enumWithTsx: { value: 1 },
    enumWithoutTsx: "TYPESCRIPT_SUPPORT",
  });
  expect(answers.missing?.error?.message).toContain(`on host ${hostname()}`);
  expect(answers.enumWithoutTsx?.error?.message).toContain("npm install tsx");
  expect(answers.failsOnImport?.error?.message).toContain("onlyHere is not defined");
});
