// Rows of the table that are about surroundings: other ways to start the packing process, files
// that change or vanish, TypeScript that needs more than the worker has, no inspector.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as acme from "../index.js";
import { caseArguments, cases, judge } from "./fixtures/judge.js";
import type { Loader } from "./fixtures/rows.js";
import { type Answers, createWorld, type LoadedCase, type PackedCase } from "./fixtures/world.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: Awaited<ReturnType<typeof createWorld>>;
let plain: Answers<PackedCase>;
beforeAll(async () => {
  world = await createWorld();
  plain = await world.pack("plain");
});
afterAll(() => world.remove());

async function judgeAll(loader: Loader, packed: Answers<PackedCase>): Promise<void> {
  const loaded = await world.load(packed, caseArguments);
  const story = { world, loader, packed, loaded };
  const verdicts = Object.keys(packed).map((name) => ({ name, ...judge(story, name) }));
  const actual = verdicts.map(({ name, actual }) => ({ name, actual }));
  expect(actual).toEqual(verdicts.map(({ name, expected }) => ({ name, actual: expected })));
}

const hashes = (packed: Answers<PackedCase>) =>
  Object.entries(packed).map(([name, { hash, refused }]) => [name, hash ?? refused?.code]);

describe("row 52 and 59: the same functions come out, with the same hashes", () => {
  test("in a second process", async () => {
    expect(hashes(await world.pack("plain"))).toEqual(hashes(plain));
    expect(Object.keys(plain).length).toBe(Object.keys(cases).length);
  });

  test("under --inspect", async () => {
    const packed = await world.pack("plain", { flags: ["--inspect=0"] });
    expect(hashes(packed)).toEqual(hashes(plain));
    await judgeAll("plain", packed);
  });

  test("under coverage", async () => {
    const folder = join(world.root, "coverage");
    const packed = await world.pack("plain", { env: { NODE_V8_COVERAGE: folder } });
    expect(readdirSync(folder).length).toBeGreaterThan(0);
    expect(hashes(packed)).toEqual(hashes(plain));
    await judgeAll("plain", packed);
  });

  test("in a worker thread", async () => {
    const packed = await world.pack("plain", { program: "in-thread.mjs" });
    expect(hashes(packed)).toEqual(hashes(plain));
    await judgeAll("plain", packed);
  });
});

test("row 59: under the test runner", async () => {
  const modules = ["references", "values", "beside", "syntax", "modules", "meta", "refusals"];
  const { packCases } = await import(pathToFileURL(join(world.root, "pack-cases.mjs")).href);
  const tables = [];
  for (const name of modules) tables.push((await import(world.file("vitest", name))).cases);
  const packed: Answers<PackedCase> = await packCases(tables, acme);
  // The main module of this process is the runner's.
  const withoutMain = Object.keys(cases).filter((name) => !name.startsWith("13 "));
  expect(Object.keys(packed).sort()).toEqual(withoutMain.sort());
  await judgeAll("vitest", packed);
});

describe("row 44: at a prompt", () => {
  const lines = (answers: string) => [
    "const files = require('node:fs')",
    "function helper(x) { return x + 1 }",
    "const k = 5",
    "let list = [1, 2]",
    "class Box { constructor(v) { this.v = v } twice() { return this.v * 2 } }",
    "globalThis.userGlobal = 7",
    "const cases = {",
    "  function: () => helper,",
    "  closure: () => (x) => helper(x) + k + list.length + userGlobal,",
    "  class: () => (x) => new Box(x).twice(),",
    "  module: () => (path) => files.existsSync(path),",
    "  undeclared: () => () => nowhere,",
    "}",
    `process.argv[2] = ${JSON.stringify(answers)}`,
    "import('./pack-all.mjs').then(({ packAll }) => packAll([cases]))",
    "",
  ];

  test("functions and globals of the user go by value", async () => {
    const answers = join(world.root, "prompt.json");
    const prompt = spawn(process.execPath, ["-i"], {
      cwd: world.root,
      env: { ...process.env, NODE_OPTIONS: "", VITEST: "" },
      stdio: ["pipe", "ignore", "inherit"],
    });
    // Left open: at the end of its input the prompt would exit, with work still to do.
    prompt.stdin.write(lines(answers).join("\n"));
    expect(await once(prompt, "exit")).toEqual([0, null]);
    const packed: Answers<PackedCase> = JSON.parse(readFileSync(answers, "utf8"));
    const args = { function: [1], closure: [1], class: [4], module: ["/"] };
    expect(packed.undeclared?.refused?.code).toBe("UNRESOLVED");
    expect(await world.load(packed, args)).toEqual({
      function: { value: 2 },
      closure: { value: 16 },
      class: { value: 8 },
      module: { value: true },
    });
  });
});

describe.each<Loader>(["plain", "tsx", "esm", "commonjs"])(
  "row 55 and 56: files of %s",
  (loader) => {
    const names = ["1 declared", "5 barrel", "7 method of table", "50 namespace"] as const;
    let packed: Answers<PackedCase>;
    beforeAll(async () => {
      const all = loader === "plain" ? plain : await world.pack(loader);
      packed = Object.fromEntries(names.map((name) => [name, all[name] as PackedCase]));
    });
    const codes = (loaded: Answers<LoadedCase>) => names.map((name) => loaded[name]?.thrown?.code);

    test("changed: refused where functions go by reference", async () => {
      appendFileSync(world.file(loader, "exported"), "\n// edited\n");
      const loaded = await world.load(packed, caseArguments);
      const mismatch = "MODULE_MISMATCH";
      expect(codes(loaded)).toEqual([mismatch, mismatch, mismatch, undefined]);
      expect(loaded["1 declared"]?.thrown?.message).toContain(world.file(loader, "exported"));
      expect(loaded["1 declared"]?.thrown?.message).toContain("what to do: restart");
    });

    test("missing: the host and the file are named", async () => {
      rmSync(world.file(loader, "exported"));
      const loaded = await world.load(packed, caseArguments);
      expect(codes(loaded)).toEqual(names.map(() => "MODULE_NOT_FOUND"));
      for (const name of names) {
        const message = loaded[name]?.thrown?.message;
        expect(message).toContain(`on host ${hostname()}`);
        expect(message).toContain(world.file(loader, "exported"));
        expect(message).toContain("by: 'value'");
      }
    });
  },
);

describe("row 57: TypeScript with an enum", () => {
  const source = `import { cases } from "./enumerated.js";
import { packAll } from "../pack-all.mjs";
import { Kind } from "./enumerated.js";
void packAll([cases, { "57 value": () => () => Kind.second }]);
`;
  const module = `export enum Kind { first = 1, second = 2 }
export const task = (): number => Kind.first;
export const cases = { "57 reference": () => task };
`;
  let packed: Answers<PackedCase>;
  beforeAll(async () => {
    writeFileSync(join(world.folder("tsx"), "enumerated.ts"), module);
    writeFileSync(join(world.folder("tsx"), "enumerating.ts"), source);
    packed = await world.pack("tsx", { program: "ts-esm/enumerating.ts" });
  });

  test("works where tsx is installed", async () => {
    expect(packed).toMatchObject({
      "57 reference": { kind: "reference" },
      "57 value": { kind: "value" },
    });
    const loaded = await world.load(packed, {});
    expect(loaded).toEqual({ "57 reference": { value: 1 }, "57 value": { value: 2 } });
  });

  test("names the remedy where it is not", async () => {
    const folder = join(world.root, "without-tsx");
    const copy = join(folder, "node_modules/@acme/serialize");
    const own = join(world.root, "node_modules/@acme/serialize/");
    mkdirSync(copy, { recursive: true });
    cpSync(join(own, "dist"), join(copy, "dist"), { recursive: true });
    cpSync(join(own, "package.json"), join(copy, "package.json"));
    for (const name of ["acorn", "msgpackr", "@acme/protocol"]) {
      symlinkSync(join(own, "node_modules", name), join(folder, "node_modules", name));
    }
    cpSync(join(world.root, "load-all.mjs"), join(folder, "load-all.mjs"));
    const loaded = await world.load(packed, {}, { program: "without-tsx/load-all.mjs" });
    for (const name of ["57 reference", "57 value"]) {
      expect(loaded[name]?.thrown).toMatchObject({
        code: "TYPESCRIPT_SUPPORT",
        message: expect.stringContaining("npm install tsx"),
      });
    }
  });
});

test("row 60: under the permission model only named functions and globals go", async () => {
  const current = process.allowedNodeEnvironmentFlags.has("--permission");
  const flags = [
    current ? "--permission" : "--experimental-permission",
    "--allow-fs-read=*",
    "--allow-fs-write=*",
  ];
  // The rows above have removed it.
  writeFileSync(world.file("plain", "exported"), "export const declared = (x) => x + 1;\n");
  const packed = await world.pack("plain", { program: "named.mjs", flags });
  expect(packed).toMatchObject({
    "60 named": { kind: "reference" },
    "60 global": { kind: "builtin" },
    "60 closure": { refused: { code: "NO_INSPECTOR" } },
  });
  expect(packed["60 closure"]?.refused?.message).toContain("importFunction");
  const loaded = await world.load(packed, { "60 named": [1], "60 global": [9] });
  expect(loaded).toEqual({ "60 named": { value: 2 }, "60 global": { value: 3 } });
});
