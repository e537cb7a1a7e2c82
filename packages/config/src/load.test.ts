// The layers together: precedence from defaults to overrides, and typed reads with good errors.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfigError } from "./errors.js";
import { loadConfig } from "./load.js";

let homeDir: string;
const env = (more: Record<string, string> = {}) => ({
  DASK_ROOT_CONFIG: join(homeDir, "etc-dask"),
  ACME_ROOT_CONFIG: join(homeDir, "etc-acme"),
  ...more,
});
beforeEach(() => {
  homeDir = mkdtempSync(join(tmpdir(), "acme-config-"));
});
afterEach(() => rmSync(homeDir, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(homeDir, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

it("lets each layer win over those below it", () => {
  const layers = ["etc-dask", ".config/dask", "d", "etc-acme", ".config/acme", "a"];
  for (const [index, path] of layers.entries()) {
    const lines = layers.slice(index).map((_, at) => `  l${index + at}: ${index}`);
    write(`${path}/x.yaml`, `s:\n${lines.join("\n")}\n`);
  }
  const config = loadConfig({
    homeDir,
    env: env({ DASK_CONFIG: join(homeDir, "d"), ACME_CONFIG: join(homeDir, "a") }),
    defaults: { "s.l0": "default", "s.own": "default" },
  });
  expect(config.get("s")).toEqual({ l0: 0, own: "default", l1: 1, l2: 2, l3: 3, l4: 4, l5: 5 });
});

it("puts the environment above files, ours above dask's, and code above all", () => {
  write(".config/acme/x.yaml", "jobqueue:\n  slurm:\n    job-extra: [file]\n    queue: file\n");
  const config = loadConfig({
    homeDir,
    env: env({
      DASK_JOBQUEUE__SLURM__QUEUE: "dask",
      DASK_JOBQUEUE__SLURM__JOB_EXTRA: "['env']",
      ACME_JOBQUEUE__SLURM__QUEUE: "ours",
      DASK_JOBQUEUE__SLURM__CORES: "4",
      ACME_DISTRIBUTED: "{'comm': {'zip-it': False}}",
      PATH: "/bin",
    }),
    overrides: { "jobqueue.slurm.cores": 8 },
  });
  expect(config.toJSON()).toEqual({
    jobqueue: { slurm: { "job-extra": ["env"], queue: "ours", cores: 8 } },
    distributed: { comm: { "zip-it": false } },
  });
});

it("treats - and _ in names as the same", () => {
  const config = loadConfig({ homeDir, env: env(), overrides: { "a_b.c-d_e": 1 } });
  for (const path of ["a_b.c-d_e", "a-b.c-d-e", "a_b.c_d_e"]) expect(config.get(path)).toBe(1);
  expect(config.with({ "a-b.c_d_e": 2 }).toJSON()).toEqual({ a_b: { "c-d_e": 2 } });
  expect(config.get("a-b.c_d_e")).toBe(1);
});

it("answers with defaults, and refuses what is set nowhere", () => {
  const config = loadConfig({ homeDir, env: env(), overrides: { a: { b: null } } });
  expect(config.get("x", 5)).toBe(5);
  expect(config.get("x", undefined)).toBeUndefined();
  expect(config.get("a.b", 5)).toBeNull();
  expect(config.get("a.b.c", 5)).toBe(5);
  expect(config.has("a")).toBe(true);
  expect(config.has("a.x")).toBe(false);
  expect(() => config.get("x.y")).toThrow(
    expect.objectContaining({ code: "CONFIG_MISSING", path: "x.y" }),
  );
});

it("reads sizes, durations, numbers, flags and texts", () => {
  const overrides = { size: "4 GiB", time: "500ms", n: 3, flag: true, text: "t", off: null };
  const config = loadConfig({ homeDir, env: env(), overrides });
  expect(config.getBytes("size", null)).toBe(2 ** 32);
  expect(config.getBytes("n", 7)).toBe(3);
  expect(config.getBytes("absent", 7)).toBe(7);
  expect(config.getBytes("off", null)).toBeNull();
  expect(config.getDurationMs("time", 1)).toBe(500);
  expect(config.getDurationMs("n", 1)).toBe(3000);
  expect(config.getDurationMs("n", 1, { defaultUnit: "ms" })).toBe(3);
  expect(config.getNumber("n", null)).toBe(3);
  expect(config.getBoolean("flag", false)).toBe(true);
  expect(config.getString("text", "")).toBe("t");
  expect(config.getString("n", "")).toBe("3");
});

it("names file, line and path of a wrong value", () => {
  const file = write(".config/dask/x.yaml", "distributed:\n  worker:\n    memory: lots\n");
  const config = loadConfig({ homeDir, env: env() });
  expect(config.origin("distributed.worker.memory")).toEqual({ file, line: 3 });
  let caught: unknown;
  try {
    config.getBytes("distributed.worker.memory", 0);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ConfigError);
  expect(caught).toMatchObject({
    code: "CONFIG_VALUE",
    path: "distributed.worker.memory",
    file,
    line: 3,
  });
  expect((caught as Error).message).toContain(`${file}:3`);
  expect((caught as object)[Symbol.for("acme.error") as never]).toBe(true);
});

it("names the environment variable of a wrong value", () => {
  const config = loadConfig({ homeDir, env: env({ ACME_A__B: "soon", ACME_LIST: "[1]" }) });
  expect(() => config.getDurationMs("a.b", 0)).toThrow(/environment variable ACME_A__B/);
  expect(() => config.getBytes("list", 0)).toThrow(/a list/);
  expect(() => config.getNumber("a.b", 0)).toThrow(/a number is needed/);
  expect(() => config.getBoolean("a.b", false)).toThrow(/true or false/);
  expect(() => config.getString("list", "")).toThrow(/a text is needed/);
  expect(() =>
    loadConfig({ homeDir, env: env(), overrides: { x: null } }).getBytes("x", 1),
  ).toThrow(/not nothing/);
});

it("reads this process's environment when it is given none", () => {
  process.env.ACME_LOAD_TEST__VALUE = "7";
  try {
    expect(loadConfig({ homeDir }).get("load-test.value")).toBe(7);
  } finally {
    delete process.env.ACME_LOAD_TEST__VALUE;
  }
});
