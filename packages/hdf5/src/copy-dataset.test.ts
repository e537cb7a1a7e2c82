// Datasets that are copied or made while a file is written, read back with h5wasm's HDF5.
import { join } from "node:path";
import * as h5wasm from "h5wasm/node";
import { expect, test } from "vitest";
import { copyDataset } from "./copy-dataset.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { inspectFile } from "./inspect-file.js";
import { publishFile } from "./publish-file.js";
import { dataset, file, group, type Member } from "./tree.js";

test("numbers, text and empty arrays are copied into another file", async () => {
  await h5wasm.ready;
  const folder = temporaryFolder();
  const source = join(folder, "source.h5");
  const members = {
    numbers: dataset({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }),
    text: dataset(["left", "rechts é", ""]),
    scalar: dataset(7),
    empty: dataset(new Float64Array(0)),
  };
  await publishFile(source, file({ members }));
  const found = await inspectFile(source);
  const copies = new Map<string, Member>();
  for (const summary of found?.datasets ?? []) {
    copies.set(summary.name, (await copyDataset(source, summary)) as Member);
  }
  const target = join(folder, "target.h5");
  const written = await publishFile(
    target,
    file({ members: { comp_0: group({ members: copies }) } }),
  );
  const opened = new h5wasm.File(target, "r");
  const read = (name: string) => opened.get(`comp_0/${name}`) as h5wasm.Dataset;
  try {
    expect(read("numbers").shape).toEqual([2, 3]);
    expect(read("numbers").value).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6));
    expect(read("text").value).toEqual(["left", "rechts é", ""]);
    expect(read("scalar").value).toBe(7);
    expect(read("empty").shape).toEqual([0]);
  } finally {
    opened.close();
  }
  expect((await inspectFile(target))?.bytes).toBe(written.bytes);
});
