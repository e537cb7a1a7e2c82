// Functions found by the names of their module and export, as another language gives them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadExport } from "./load-export.js";

let folder: string;
let base: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-export-"));
  base = pathToFileURL(join(folder, "here")).href;
  writeFileSync(
    join(folder, "tasks.mjs"),
    "export const square = (x) => x * x;\nexport const answer = 42;\nexport default () => 'it';\n",
  );
  writeFileSync(join(folder, "old.cjs"), "module.exports = { twice: (x) => 2 * x };\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("finds functions by relative and absolute paths, URLs and packages", async () => {
  const at = async (module: string, name: string) =>
    await loadExport({ module, export: name }, base);
  expect((await at("./tasks.mjs", "square"))(3)).toBe(9);
  expect((await at(join(folder, "tasks.mjs"), "square"))(4)).toBe(16);
  expect((await at(pathToFileURL(join(folder, "tasks.mjs")).href, "default"))()).toBe("it");
  expect((await at("./old.cjs", "twice"))(3)).toBe(6);
  expect((await at("node:path", "basename"))("/a/b")).toBe("b");
  expect(await at("./tasks.mjs", "square")).toBe(await at("./tasks.mjs", "square"));
});

it("says which file, function or package is not there, and what is", async () => {
  await expect(loadExport({ module: "./gone.mjs", export: "f" }, base)).rejects.toMatchObject({
    code: "MODULE_NOT_FOUND",
    message: expect.stringContaining(`${folder}/gone.mjs (looked for from ${folder}/)`),
  });
  await expect(loadExport({ module: "./tasks.mjs", export: "cube" }, base)).rejects.toMatchObject({
    code: "NOT_CALLABLE",
    message: expect.stringContaining("it exports default, square"),
  });
  await expect(loadExport({ module: "./tasks.mjs", export: "answer" }, base)).rejects.toThrow(
    "exports no function 'answer'",
  );
  await expect(loadExport({ module: "no-such-package", export: "f" }, base)).rejects.toMatchObject({
    code: "MODULE_NOT_FOUND",
  });
});
