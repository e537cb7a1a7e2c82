// The place of a run: names, what is refused, what is left behind when a run cannot begin.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FileOutput } from "./file-output.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { repeatInputs } from "./inputs.js";
import { fileNameOf } from "./run-folder.js";

const named = (name: string) => Object.defineProperty(() => {}, "name", { value: name });
const inputs = repeatInputs(2, () => 0, []);
const options = { fn: named("f"), inputs, layout: null, dtype: null, attributes: {} };

test.each([
  ["square", "square"],
  ["", "anonymous"],
  ["../x y", "_._x_y"],
  ["-rf", "_rf"],
  ["ümläut", "_ml_ut"],
  ["bound g", "bound_g"],
])("the function %j makes files named %s", (name, expected) => {
  expect(fileNameOf(named(name))).toBe(expected);
});

test("an output folder is made with all above it, and used as given", async () => {
  const outputDir = join(temporaryFolder(), "a", "b");
  const files = await FileOutput.begin({ ...options, outputDir });
  expect(files.container).toBe(join(outputDir, "f.h5"));
  expect(readdirSync(outputDir).sort()).toEqual([".acme", "f.h5", "f_payload"]);
  await files.records.finish("done");
});

test("without one a new folder with a time stamp is made each time", async () => {
  const folder = temporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const first = await FileOutput.begin({ ...options, outputDir: undefined });
  const second = await FileOutput.begin({ ...options, outputDir: undefined });
  expect(second.container).not.toBe(first.container);
  for (const name of readdirSync(folder)) expect(name).toMatch(/^ACME_\d{8}-\d{6}-\d{6}$/);
  await first.discard();
  expect(existsSync(join(first.container as string, ".."))).toBe(false);
  expect(existsSync(second.container as string)).toBe(true);
  await second.records.finish("done");
});

test("an existing payload folder is refused and left alone", async () => {
  const outputDir = temporaryFolder();
  mkdirSync(join(outputDir, "f_payload"));
  writeFileSync(join(outputDir, "f_payload", "f_0.h5"), "mine");
  await expect(FileOutput.begin({ ...options, outputDir })).rejects.toMatchObject({
    code: "OUTPUT_EXISTS",
    path: join(outputDir, "f_payload"),
  });
  expect(readFileSync(join(outputDir, "f_payload", "f_0.h5"), "utf8")).toBe("mine");
});

test("an existing container is refused, and no folder is left behind", async () => {
  const outputDir = temporaryFolder();
  writeFileSync(join(outputDir, "f.h5"), "mine");
  await expect(FileOutput.begin({ ...options, outputDir })).rejects.toMatchObject({
    code: "OUTPUT_EXISTS",
  });
  expect(readdirSync(outputDir)).toEqual(["f.h5"]);
  expect(readFileSync(join(outputDir, "f.h5"), "utf8")).toBe("mine");
});

test("attributes that cannot be stored leave nothing behind", async () => {
  const outputDir = temporaryFolder();
  const attributes = { ragged: [[1, 2], [3]] };
  await expect(FileOutput.begin({ ...options, outputDir, attributes })).rejects.toThrow(
    /ragged|not/,
  );
  const taken = FileOutput.begin({ ...options, outputDir, attributes: { started: "now" } });
  await expect(taken).rejects.toThrow("started is written by acme");
  expect(readdirSync(outputDir)).toEqual([]);
});
