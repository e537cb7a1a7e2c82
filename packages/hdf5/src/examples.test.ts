// Every @example in this package runs as it is printed.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import * as api from "./index.js";

type AsyncFunctionConstructor = new (...parameters: string[]) => (...values: unknown[]) => unknown;
const AsyncFunction = (async () => undefined).constructor as AsyncFunctionConstructor;

const sources = readdirSync(import.meta.dirname).filter((name) => /^[^.]+\.ts$/.test(name));
const examples = sources.flatMap((name) => {
  const source = readFileSync(join(import.meta.dirname, name), "utf8");
  const blocks = [...source.matchAll(/@example\n((?: *\*(?: .*)?\n)+?) *\*\//g)];
  return blocks.map(([, block], i): [string, string] => [
    `${name} #${i + 1}`,
    block!.replaceAll(/^ *\* ?/gm, ""),
  ]);
});

const start = process.cwd();
const log = console.log;
beforeAll(() => {
  console.log = () => undefined;
});
afterAll(() => {
  console.log = log;
});

test.each(examples)("%s", async (_, code) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "out"));
  process.chdir(folder);
  try {
    const body = code.replaceAll(/^import .*$/gm, "");
    const run = new AsyncFunction(...Object.keys(api), body);
    await run(...Object.values(api));
  } finally {
    process.chdir(start);
  }
});

test("every exported function has an example", () => {
  const all = examples.map(([, code]) => code).join("\n");
  const functions = Object.entries(api).filter(([, value]) => typeof value === "function");
  expect(functions.map(([name]) => name).filter((name) => !all.includes(name))).toEqual([]);
});
