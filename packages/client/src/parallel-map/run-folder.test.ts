// Where a run's files go, and what is said when they cannot go there.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fileNameOf, makeRunFolder } from "./run-folder.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("makes the folder that is asked for", async () => {
  const run = await makeRunFolder("f", join(folder, "deep", "run"));
  expect(run.container).toBe(join(folder, "deep", "run", "f.h5"));
  expect(run.payload).toBe(join(folder, "deep", "run", "f_payload"));
});

it("says which folder cannot be made and why", async () => {
  const file = join(folder, "a-file");
  writeFileSync(file, "");
  for (const outputDir of [file, join(file, "below")]) {
    await expect(makeRunFolder("f", outputDir)).rejects.toMatchObject({
      code: "OUTPUT_FOLDER",
      message: expect.stringContaining(outputDir),
    });
  }
});

it("makes file names of function names", () => {
  expect(fileNameOf({ name: "" })).toBe("anonymous");
  expect(fileNameOf({ name: "bound a/b" })).toBe("bound_a_b");
  expect(fileNameOf({ name: "-rf" })).toBe("_rf");
});
