// Elements that are made while the file is written: they are where they belong, and all of them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readWithH5py } from "./fixtures/oracles.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { dataset, encodeFile, file, publishFile, streamedDataset } from "./index.js";

async function* rows(count: number) {
  for (let row = 0; row < count; row++) yield new Uint8Array(Float64Array.of(row, -row).buffer);
}

const streamed = (made: number) =>
  streamedDataset({ shape: [5, 2], dtype: "float64", blocks: () => rows(made) });

test("a streamed array reads as one that was there", async (context) => {
  const folder = temporaryFolder();
  const data = Float64Array.from({ length: 10 }, (_, k) => (k % 2 === 0 ? k / 2 : -(k - 1) / 2));
  const there = dataset({ data, shape: [5, 2] });
  const around = { before: dataset([1, 2]), after: dataset("x") };
  const [a, b] = [join(folder, "a.h5"), join(folder, "b.h5")];
  await publishFile(a, file({ members: { ...around, array: streamed(5) } }));
  await publishFile(b, file({ members: { ...around, array: there } }));
  const [first, second] = readWithH5py(context, a, b);
  expect(first).toEqual(second);
});

test("too few or too many elements publish nothing", async () => {
  const folder = temporaryFolder();
  for (const made of [4, 6]) {
    const tree = file({ members: { array: streamed(made) } });
    await expect(publishFile(join(folder, "a.h5"), tree)).rejects.toMatchObject({
      code: "write-failed",
      message: expect.stringContaining(`${16 * made} bytes came, not 80`),
    });
  }
  expect(readdirSync(folder)).toEqual([]);
  expect(() => encodeFile(file({ members: { array: streamed(5) } }))).toThrow("publish the file");
});
