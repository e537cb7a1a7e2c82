// The table of functions once more with a younger node: plain modules, and TypeScript that node
// strips by itself. That node comes from the registry; the packages are the built ones.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  caseArguments,
  cases,
  judge,
  type Story,
} from "../../../packages/serialize/src/acceptance/judge.js";
import type { Loader } from "../../../packages/serialize/src/acceptance/rows.js";
import { createWorld, type World } from "../../../packages/serialize/src/acceptance/world.js";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";

const major = 24;
const run = promisify(execFile);
const folder = realpathSync(mkdtempSync(join(tmpdir(), "acme-node-")));
let node: string | undefined;
let obstacle: unknown;
let world: World;

async function installedNode(): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const options = ["--no-audit", "--no-fund", "--no-save", "--fetch-retries=1"];
  await run("npm", ["install", `node@${major}`, "--prefix", folder, ...options], {
    cwd: folder,
    timeout: 100_000,
  });
  const path = join(folder, "node_modules/node/bin/node");
  if (!existsSync(path)) throw new Error(`the package node@${major} did not bring ${path}`);
  return path;
}

beforeAll(async () => {
  world = await createWorld();
  try {
    node = await installedNode();
  } catch (error) {
    obstacle = error;
  }
});
afterAll(() => {
  world.remove();
  rmSync(folder, { recursive: true, force: true });
});

function nodeOr(context: SkippableContext): string {
  if (node === undefined) {
    skipWithReason(context, `node ${major} cannot be had from the registry`, obstacle);
  }
  return node as string;
}

function judgeAll(story: Story): void {
  const verdicts = Object.keys(cases).map((name) => ({ name, ...judge(story, name) }));
  const actual = verdicts.map(({ name, actual }) => ({ name, actual }));
  expect(actual).toEqual(verdicts.map(({ name, expected }) => ({ name, actual: expected })));
}

describe.each<Loader>(["plain", "stripped"])("%s modules", (loader) => {
  test(`packed and rebuilt by node ${major}`, async (context) => {
    const with24 = { node: nodeOr(context) };
    const packed = await world.pack(loader, with24);
    judgeAll({ world, loader, packed, loaded: await world.load(packed, caseArguments, with24) });
  });

  test(`packed by node ${major}, rebuilt by the node of this test`, async (context) => {
    const packed = await world.pack(loader, { node: nodeOr(context) });
    judgeAll({ world, loader, packed, loaded: await world.load(packed, caseArguments) });
  });
});

test(`packed by the node of this test, rebuilt by node ${major}`, async (context) => {
  const with24 = { node: nodeOr(context) };
  const packed = await world.pack("plain");
  const loaded = await world.load(packed, caseArguments, with24);
  judgeAll({ world, loader: "plain", packed, loaded });
});
