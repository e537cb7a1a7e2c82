// The end of a job's output, in whole lines; nothing where there is no file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readTail } from "./log-tail.js";

const folder = mkdtempSync(join(tmpdir(), "acme-tail-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("is the whole of a short file and the last lines of a long one", async () => {
  const path = join(folder, "1_0.out");
  writeFileSync(path, "one\ntwo\n");
  expect(await readTail(path, 100)).toBe("one\ntwo");
  writeFileSync(path, `${"x".repeat(50)}\nlast but one\nlast\n`);
  expect(await readTail(path, 30)).toBe("last but one\nlast");
});

it("is empty where nothing was written", async () => {
  expect(await readTail(join(folder, "none"), 100)).toBe("");
  expect(await readTail(null, 100)).toBe("");
});
