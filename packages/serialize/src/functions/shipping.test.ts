// Functions packed by one process, rebuilt and called in another: what arrives and how it went.

import { expect, test, vi } from "vitest";
import { runFixture } from "./fixtures/run.js";

// Each test starts several processes.
vi.setConfig({ testTimeout: 120_000 });

const reference = { kind: "reference", stable: true };
const value = { kind: "value", stable: true };
const builtin = { kind: "builtin", stable: true };

const plain: Record<string, object> = {
  declared: { ...reference, value: 2 },
  arrow: { ...reference, value: 3 },
  default: { ...reference, value: "default" },
  renamed: { ...reference, value: 200 },
  static: { ...reference, value: 6 },
  deep: { ...reference, value: 0 },
  made: { ...reference, value: 1001 },
  closure: { ...value, value: 2 },
  registered: { ...value, value: 6 },
  hidden: { ...value, value: 4 },
  imports: { ...value, value: ["b", "function", "function", "h3"] },
  promisified: { ...value, value: expect.any(Number) },
  require: { ...value, value: "\n" },
  meta: { ...value, value: new URL("./fixtures/lib.mjs", import.meta.url).href },
  dynamic: { ...value, value: "h4" },
  namespace: { ...value, value: true },
  class: { ...value, value: "2m4" },
  counting: { ...value, value: 1 },
  parity: { ...value, value: false },
  cjs: { ...reference, value: 6 },
  cjsHidden: { ...value, value: ["\n", "a/b", 42, "/", true] },
  single: { ...reference, value: 14 },
  main: { ...value, value: 11 },
  fact: { ...value, value: 120 },
  async: { ...value, value: "z" },
  gen: { ...value, value: [1, 2] },
  method: { ...value, value: 2 },
  asyncMethod: { ...value, value: 1 },
  computed: { ...value, value: 11 },
  quoted: { ...value, value: 3 },
  uses: value,
  withProps: { ...value, value: 6 },
  scoped: { ...value, value: [2, 3, 2] },
  isArray: { ...value, value: true },
  global: { ...builtin, value: 3 },
  json: { ...builtin, value: '{"a":1}' },
  instance: { ...value, value: [6, true] },
  cyclicData: { ...value, value: [true, 5, 2, true, "g"] },
  failure: { ...value, value: ["TypeError", "deep", true] },
  bound: { ...value, value: [1, 2, 3] },
  typeofUndeclared: { ...value, value: "undefined" },
  newFunction: { ...value, value: 2 },
  perWorker: { ...value, value: 10 },
  old: { ...value, value: 11 },
  defaults: { ...value, value: [1, 11, 1] },
};

test("plain modules, under any loader; the same hash in every process", async () => {
  const first = await runFixture("main.mjs");
  expect(first).toMatchObject(plain);
  expect(Object.keys(first)).toEqual(Object.keys(plain));
  expect(await runFixture("main.mjs", "--inspect=0")).toEqual(first);
  const transformed = await runFixture("main.mjs", "--import", "tsx");
  expect(transformed).toMatchObject(plain);
});

test("TypeScript modules through tsx, loaded where nothing is prepared for them", async () => {
  const answers = await runFixture("main-ts.ts", "--import", "tsx");
  expect(answers).toMatchObject({
    exported: { kind: "reference", value: 2 },
    hidden: { kind: "value", value: 118 },
    named: { kind: "value", value: 11 },
    level: { kind: "value", value: 2 },
    box: { kind: "value", value: 5 },
    dynamic: { kind: "value", value: 4 },
    thrower: { kind: "value" },
  });
  expect(answers.thrower?.error?.stack).toMatch(/tasks\.ts:13:26/);
});

test("CommonJS TypeScript through tsx", async () => {
  expect(await runFixture("main-cts.cts", "--import", "tsx")).toEqual({
    named: { kind: "value", value: 11 },
    imports: { kind: "value", value: ["b", "/", 42, "function"] },
    promisified: { kind: "value", value: true },
    filename: { kind: "value", value: "main-cts.cts" },
    required: { kind: "value", value: 42 },
  });
});

test("CommonJS as the TypeScript compiler writes it", async () => {
  expect(await runFixture("main-tsc.cjs")).toEqual({
    usesExports: { kind: "value", value: 7 },
    star: { kind: "value", value: "b" },
    named: { kind: "value", value: "string" },
    fallback: { kind: "value", value: 42 },
    destructured: { kind: "value", value: "a/b" },
    promisified: { kind: "value", value: true },
    dirname: { kind: "value", value: "fixtures" },
  });
});

test("what cannot travel is refused by code, with the way that led to it", async () => {
  const answers = await runFixture("refusals.mjs");
  const codes = Object.fromEntries(
    Object.entries(answers).map(([name, { code, packed, warnings }]) => [
      name,
      code ?? [packed, ...(warnings ?? [])],
    ]),
  );
  expect(codes).toEqual({
    tdzConst: "NOT_INITIALISED",
    tdzClass: "NOT_INITIALISED",
    privateState: "PRIVATE_STATE",
    privateScope: "PRIVATE_SCOPE",
    privateScopeIn: "PRIVATE_SCOPE",
    classAsTask: "NOT_CALLABLE",
    notAFunction: "NOT_CALLABLE",
    getter: "ACCESSOR",
    setter: "ACCESSOR",
    lexicalThis: "LEXICAL_THIS",
    topLevelThis: "LEXICAL_THIS",
    lexicalArguments: "LEXICAL_THIS",
    super: "SUPER",
    unresolved: "UNRESOLVED",
    userGlobal: "USER_GLOBAL",
    eval: "EVAL",
    emitter: "LIVE_OBJECT",
    socket: "LIVE_OBJECT",
    promise: "LIVE_OBJECT",
    weak: "LIVE_OBJECT",
    unique: "UNIQUE_SYMBOL",
    proxyValue: "PROXY",
    running: "LIVE_OBJECT",
    proxyFunction: "PROXY",
    size: "CAPTURE_SIZE",
    byReference: "NOT_IMPORTABLE",
    warnAssign: ["value", "ASSIGNS_CAPTURE"],
    warnThis: ["value", "USES_THIS"],
    afterwards: ["value"],
  });
  expect(answers.socket?.path?.slice(1)).toEqual(["captured variable 'config'", ".nested[0].pool"]);
  expect(answers.socket?.message).toMatch(/live Socket object.*reached through.*what to do/s);
  expect(answers.unresolved?.location).toMatch(/refusals\.mjs:35:35$/);
});
