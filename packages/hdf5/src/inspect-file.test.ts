// What is written can be read back: datasets with their places, and plain attributes.
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { dataset, externalLink, file, inspectFile, type Member, publishFile } from "./index.js";

const path = () => join(temporaryFolder(), "f.h5");

test("names, shapes, places and attributes come back", async () => {
  const at = path();
  const data = Float64Array.of(1, 2, 3, 4, 5, 6);
  const members = {
    result_0: dataset({ data, shape: [2, 3] }),
    result_1: dataset(7),
    text: dataset(["a", "bc"]),
    elsewhere: externalLink("g.h5", "/"),
    packed: dataset(new Float32Array(1000), { gzip: 4 }),
  };
  await publishFile(at, file({ members, attributes: { task_id: 3n, code: "é-hash", x: 0.5 } }));
  const found = await inspectFile(at);
  expect(found?.datasets.map(({ name, shape }) => [name, shape])).toEqual([
    ["result_0", [2, 3]],
    ["result_1", []],
    ["text", [2]],
    ["packed", [1000]],
  ]);
  expect([...(found?.attributes ?? [])]).toEqual([
    ["task_id", 3n],
    ["code", "é-hash"],
  ]);
  const bytes = readFileSync(at);
  const { at: from = 0, bytes: length } = found?.datasets[0]?.contiguous ?? { bytes: 0 };
  expect(bytes.subarray(from, from + length)).toEqual(Buffer.from(data.buffer));
  expect(found?.datasets[3]?.contiguous).toBeUndefined();
});

test("a group with thousands of members comes back whole, in order", async () => {
  const at = path();
  const names = Array.from({ length: 5_000 }, (_, i) => `result_${i}`);
  const members = names.map((name, i): [string, Member] => [name, dataset(new Int8Array(i % 5))]);
  await publishFile(at, file({ members: new Map(members) }));
  const found = await inspectFile(at);
  expect(found?.datasets.map(({ name }) => name)).toEqual(names);
  expect(found?.datasets.every(({ shape }, i) => shape[0] === i % 5)).toBe(true);
});

test("what is missing, cut or damaged is nothing", async () => {
  const at = path();
  expect(await inspectFile(at)).toBeUndefined();
  const { bytes } = await publishFile(at, file({ members: { x: dataset([1, 2, 3]) } }));
  const whole = readFileSync(at);
  for (let i = 0; i < 48; i++) {
    const damaged = Buffer.from(whole);
    damaged[i]! ^= 0xff;
    writeFileSync(at, damaged);
    expect(await inspectFile(at)).toBeUndefined();
  }
  const damaged = Buffer.from(whole);
  damaged[whole.indexOf("OHDR") + 12]! ^= 1;
  writeFileSync(at, damaged);
  expect(await inspectFile(at)).toBeUndefined();
  writeFileSync(at, whole);
  truncateSync(at, bytes - 1);
  expect(await inspectFile(at)).toBeUndefined();
});

test("without flushing a file is still whole", async () => {
  const at = path();
  const tree = file({ members: { x: dataset([1]) } });
  await publishFile(at, tree, { syncsFile: false });
  expect((await inspectFile(at))?.datasets).toHaveLength(1);
});
