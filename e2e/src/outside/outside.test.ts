// Goal: a user who has only what npm gives can ship closures, npm packages and TypeScript, and the
// program is theirs: it ends when it is done and its standard output holds what they wrote.
// Method: install the packed packages into an empty folder and run programs there, on two nodes.
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  installTarballs,
  isNetworkFailure,
  packAll,
  publishablePackages,
} from "../pack/tarballs.js";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";
import { installNode } from "./other-node.js";

const endsWithinMs = 2_000;
const otherMajor = 24;
const fromNpm = ["d3-array@3", "@types/d3-array@3", "tsx@4"];
const fixtures = fileURLToPath(new URL("./fixtures", import.meta.url));

let folder: string;
let installed: string;
let otherNode: string | undefined;
/** What went wrong; undefined when all is well. */
let installation: unknown;
let otherInstallation: unknown;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "acme-outside-"));
  installed = join(folder, "installed");
  installation = await install().catch((error) => error);
  otherInstallation = await installOther().catch((error) => error);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function install(): Promise<undefined> {
  const tarballs = await packAll(publishablePackages(), join(folder, "tarballs"));
  await installTarballs(installed, [...tarballs.values(), ...fromNpm]);
  for (const name of readdirSync(fixtures)) {
    copyFileSync(join(fixtures, name), join(installed, name));
  }
}

async function installOther(): Promise<undefined> {
  otherNode = await installNode(join(folder, "node"), otherMajor);
}

function requireSuccess(context: SkippableContext, failure: unknown): void {
  if (failure === undefined) return;
  if (!isNetworkFailure(failure)) throw failure;
  skipWithReason(context, "no package registry can be reached", failure);
}

const closure = ["2 true", "10.5 20.5", "20.5 30.5"];
const typed = ["2 true", "1414 3162", "1414 2000"];
const withTsx = ["--import", "tsx", "typed.ts"];

describe("on the node that runs the tests", () => {
  it.for([
    { what: "a closure with an npm import", command: ["closure.mjs"], expected: closure },
    { what: "a function from a .ts file, by tsx", command: withTsx, expected: typed },
  ])("maps $what", async ({ command, expected }, context) => {
    requireSuccess(context, installation);
    await expectProgram(process.execPath, command, expected);
  });
});

describe(`on node ${otherMajor}`, () => {
  it.for([
    { what: "a closure with an npm import", command: ["closure.mjs"], expected: closure },
    { what: "a function from a .ts file, by tsx", command: withTsx, expected: typed },
    { what: "a function from a .ts file, by itself", command: ["typed.ts"], expected: typed },
  ])("maps $what", async ({ command, expected }, context) => {
    requireSuccess(context, installation);
    requireSuccess(context, otherInstallation);
    await expectProgram(otherNode as string, command, expected);
  });
});

/** Runs a program whose last line is when its last call was answered. */
async function expectProgram(
  node: string,
  command: readonly string[],
  expected: readonly string[],
): Promise<void> {
  const cwd = mkdtempSync(join(installed, "run-"));
  const [program] = command.slice(-1) as [string];
  const args = [...command.slice(0, -1), join(installed, program)];
  const result = await execa(node, args, { cwd, timeout: 90_000, reject: false });
  const endedMs = Date.now();
  expect(result.exitCode, result.stderr).toBe(0);
  const lines = result.stdout.split("\n");
  const answeredMs = Number(lines.pop());
  expect(lines).toEqual(expected);
  console.info(`${command.join(" ")} ended ${endedMs - answeredMs} ms after its last answer`);
  expect(endedMs - answeredMs).toBeLessThan(endsWithinMs);
  // What tasks print is for whoever watches, and must not mix with the program's own lines.
  expect(result.stderr).toContain("printed by a task");
}
