// What is found wrong with the files of a run, and which old folders go.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileOutput } from "../file-output.js";
import { temporaryFolder } from "../fixtures/temporary-folder.js";
import { zipInputs } from "../inputs.js";
import { range } from "../markers.js";
import { storeResult } from "../write-result.js";
import { cleanup } from "./cleanup.js";
import { verify } from "./verify.js";

async function runIn(outputDir: string, count: number): Promise<FileOutput> {
  const f = (x: number) => Float64Array.of(x, x);
  const inputs = zipInputs(f as never, [range(count)]);
  const rules = { layout: null, dtype: null, attributes: {} };
  const files = await FileOutput.begin({ fn: f, inputs, outputDir, ...rules });
  for (const i of range(count)) {
    const written = await storeResult(files.job, i, f(i));
    files.record(i, written);
    files.records.done(i, written);
  }
  await files.finish(count);
  await files.records.finish("done");
  return files;
}

test("a whole run is in order", async () => {
  const outputDir = temporaryFolder();
  const files = await runIn(outputDir, 5);
  const fine = { ok: true, checked: 5, present: 5, problems: [] };
  expect(await verify(outputDir)).toEqual(fine);
  expect(await verify({ resultsContainer: files.container })).toEqual(fine);
});

test("what is missing, cut, changed or left over is named", async () => {
  const outputDir = temporaryFolder();
  await runIn(outputDir, 6);
  const file = (name: string) => join(outputDir, "f_payload", name);
  rmSync(file("f_0.h5"));
  truncateSync(file("f_1.h5"), 99);
  const changed = readFileSync(file("f_2.h5"));
  changed[50]! ^= 1;
  writeFileSync(file("f_2.h5"), changed);
  writeFileSync(file(".f_3.h5.host.1.0.tmp"), "half");
  writeFileSync(file("notes.txt"), "mine");
  truncateSync(join(outputDir, "f.h5"), 60);
  const { ok, problems } = await verify(outputDir);
  expect(ok).toBe(false);
  expect(problems.map(({ index, problem }) => [index, problem])).toEqual([
    [undefined, "left-over"],
    [undefined, "left-over"],
    [undefined, "structure"],
    [0, "missing"],
    [1, "size"],
    [2, "checksum"],
  ]);
});

test("only old folders of ours that nobody computes are removed", async () => {
  const folder = temporaryFolder();
  const made = (name: string, days: number) => {
    mkdirSync(join(folder, name), { recursive: true });
    const then = new Date(Date.now() - days * 86_400_000);
    utimesSync(join(folder, name), then, then);
    return join(folder, name);
  };
  const old = made("ACME_20250101-010203-123456", 40);
  const young = made("ACME_20260101-010203-123456", 3);
  const thesis = made("ACME_mythesis", 400);
  const busy = made("ACME_20250101-010203-654321", 40);
  const inputs = zipInputs(((x: number) => x) as never, [[1]]);
  const rules = { layout: null, dtype: null, attributes: {} };
  const files = await FileOutput.begin({ fn: function f() {}, inputs, outputDir: busy, ...rules });
  made("ACME_20250101-010203-654321", 40);
  expect(await cleanup({ olderThanDays: 30, folder })).toEqual({ removed: [old], kept: [busy] });
  expect([old, young, thesis, busy].map((path) => existsSync(path))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  await files.records.finish("cancelled");
  expect((await cleanup({ olderThanDays: 0, folder })).removed.toSorted()).toEqual(
    [busy, young].sort(),
  );
  await expect(cleanup({ olderThanDays: -1 })).rejects.toThrow("from 0 on");
});
