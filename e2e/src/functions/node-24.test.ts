// The table of functions once more with a younger node: plain modules, and TypeScript whose types
// node strips by itself; also from this node to that one, and back. That node comes from the
// package registry.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { skipWithReason } from "../skip-with-reason.js";

const major = 24;
const runs = 5;
const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../..", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "acme-node-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function installedNode(): Promise<string> {
  const options = ["--no-audit", "--no-fund", "--no-save", "--fetch-retries=1"];
  await run("npm", ["install", `node@${major}`, "--prefix", folder, ...options], {
    cwd: folder,
    timeout: 100_000,
  });
  const path = join(folder, "node_modules/node/bin/node");
  if (!existsSync(path)) throw new Error(`the package node@${major} did not bring ${path}`);
  return path;
}

interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

test(`the table of functions with node ${major}`, { timeout: 240_000 }, async (context) => {
  let node: string;
  try {
    node = await installedNode();
  } catch (error) {
    skipWithReason(context, `node ${major} cannot be had from the registry`, error);
    return;
  }
  const { stdout } = await run(node, ["--version"]);
  expect(stdout).toMatch(new RegExp(`^v${major}\\.`));

  const file = join(folder, "report.json");
  const table = "packages/serialize/src/acceptance/table.test.ts";
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const reporting = ["--reporter=default", "--reporter=json", `--outputFile=${file}`];
  const program = [vitest, "run", "--project", "unit", ...reporting, table];
  const env = { ...process.env, ACME_TEST_NODE: node, ACME_TEST_REPORT: "" };
  const ended = await run(process.execPath, program, {
    cwd: repository,
    env,
    timeout: 120_000,
  }).catch((error: { stdout: string }) => error);
  console.log(ended.stdout.slice(ended.stdout.indexOf("row  ")));

  const report: Report = JSON.parse(readFileSync(file, "utf8"));
  const failed = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== "passed").map(({ fullName }) => fullName),
  );
  expect(failed).toEqual([]);
  expect(report.numPassedTests).toBe(report.numTotalTests);
  expect(report.numTotalTests).toBeGreaterThan(100 * runs);
});
