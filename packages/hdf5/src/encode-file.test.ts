// Every kind of content, written by us and read by three readers of two HDF5 generations.
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeTree } from "./fixtures/description.js";
import { h5dump, readWithH5py, runH5py } from "./fixtures/oracles.js";
import { TreeGenerator } from "./fixtures/random-tree.js";
import { readWithH5wasm } from "./fixtures/read-with-h5wasm.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import {
  asArray,
  dataset,
  encodeFile,
  externalLink,
  file,
  type GroupNode,
  group,
  type Member,
  softLink,
  writeFile,
} from "./index.js";

const NUMERIC = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
  "bool",
];

/** Every dtype as scalar, vector, matrix, empty array and deflated matrix. */
function everyDtype(): Record<string, Member> {
  const members: Record<string, Member> = {};
  for (const dtype of NUMERIC) {
    members[`${dtype} scalar`] = dataset(1, { dtype });
    members[`${dtype} vector`] = dataset([1, 0, 1], { dtype, fill: true });
    members[`${dtype} empty`] = dataset({ data: [], shape: [0, 3] }, { dtype });
    members[`${dtype} plain`] = dataset(
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
      { dtype },
    );
    members[`${dtype} gzip`] = dataset(
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
      { dtype, gzip: 6 },
    );
    members[`${dtype} unshuffled`] = dataset([0, 1], { dtype, gzip: 1, shuffle: false });
  }
  return members;
}

function everyKind(): GroupNode {
  return file({
    attributes: { title: "größe 漢字", n: 3, flags: [true, false], list: ["a", "", "ü"] },
    members: {
      ...everyDtype(),
      text: dataset("naïve"),
      texts: dataset([
        ["a", ""],
        ["漢字", "long ".repeat(2000)],
      ]),
      fixed: dataset(["ab", "", "äö"], { dtype: "S4" }),
      "fixed gzip": dataset(["ab", "cd"], { dtype: "S3", gzip: 3 }),
      "no texts": dataset({ data: [], shape: [0], dtype: "str" }),
      extremes: dataset([-(2n ** 63n), 2n ** 63n - 1n]),
      top: dataset([2n ** 64n - 1n]),
      special: dataset([NaN, Infinity, -Infinity, -0, 5e-324]),
      halves: dataset([1.5, -2, 65504, 6e-8, NaN, Infinity], { dtype: "float16" }),
      wide: dataset({ data: new Float32Array(70_000).fill(1.5), shape: [70_000] }, { gzip: 1 }),
      group: group({
        attributes: { depth: asArray(1, { dtype: "int32" }) },
        members: { deeper: group({ members: { x: dataset([1, 2]) } }), empty: group() },
      }),
      soft: softLink("/group/deeper/x"),
      external: externalLink("payload/ä.h5", "/"),
    },
  });
}

test("every kind of content reads the same in HDF5 2.0", async () => {
  const path = join(temporaryFolder(), "all.h5");
  await writeFile(path, everyKind());
  expect(await readWithH5wasm(path)).toEqual(describeTree(everyKind()));
});

test("every kind of content reads the same in h5py and h5dump", async (context) => {
  const path = join(temporaryFolder(), "all.h5");
  await writeFile(path, everyKind());
  expect(readWithH5py(context, path)[0]).toEqual(describeTree(everyKind()));
  expect(h5dump(context, path)).toContain('"long long');
});

test("70,000 texts span several heap collections", async (context) => {
  const path = join(temporaryFolder(), "texts.h5");
  const tree = file({
    members: { texts: dataset(Array.from({ length: 70_000 }, (_, i) => `text number ${i}`)) },
  });
  await writeFile(path, tree);
  expect(await readWithH5wasm(path)).toEqual(describeTree(tree));
  expect(readWithH5py(context, path)[0]).toEqual(describeTree(tree));
});

test.each([33, 371, 372, 10_000])(
  "a group of %d links reads the same in HDF5 2.0",
  async (count) => {
    const path = join(temporaryFolder(), "many.h5");
    const members = Array.from({ length: count }, (_, i): [string, Member] => [
      `comp_${i}`,
      externalLink(`f_payload/f_${i}.h5`),
    ]);
    const tree = file({ members: Object.fromEntries(members) });
    await writeFile(path, tree);
    expect(await readWithH5wasm(path)).toEqual(describeTree(tree));
  },
);

test.for([10_000, 80_000])(
  "h5py finds 1000 of %d links in well under a second, in creation order",
  async (count, context) => {
    const path = join(temporaryFolder(), "many.h5");
    const members = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`comp_${i}`, externalLink(`p/f_${i}.h5`)]),
    );
    await writeFile(path, file({ members }));
    const step = count / 1000;
    const code = `
import time
f = h5py.File(${JSON.stringify(path)})
before = time.time()
names = [f.get("comp_%d" % (${step} * i), getlink=True).filename for i in range(1000)]
found = all(name == "p/f_%d.h5" % (${step} * i) for i, name in enumerate(names))
result = [time.time() - before, found, list(f["/"])[9:12], len(f), "comp_x" in f]`;
    const [seconds, ...rest] = runH5py(context, code) as [number, ...unknown[]];
    expect(rest).toEqual([true, ["comp_9", "comp_10", "comp_11"], count, false]);
    expect(seconds).toBeLessThan(1);
  },
);

test("libhdf5 can extend and change what we wrote", async (context) => {
  const path = join(temporaryFolder(), "grown.h5");
  const members = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`comp_${i}`, externalLink(`p/f_${i}.h5`)]),
  );
  const tree = file({
    members: { many: group({ members }), few: group(), x: dataset(["a", "b"]) },
  });
  await writeFile(path, tree);
  const code = `
f = h5py.File(${JSON.stringify(path)}, "a")
for i in range(3000): f["many"]["new_%d" % i] = h5py.ExternalLink("q/%d.h5" % i, "/")
for i in range(100): f["few"]["new_%d" % i] = i
for i in range(0, 200, 2): del f["many"]["comp_%d" % i]
f["x"][1] = "changed"
for i in range(20): f["x"].attrs["a%d" % i] = i
f.close()
f = h5py.File(${JSON.stringify(path)})
many = f["many"]
links = [many.get("comp_%d" % i, getlink=True).filename for i in range(1, 200, 2)]
links += [many.get("new_%d" % i, getlink=True).filename for i in range(3000)]
result = [len(many), links[99], links[3099], len(f["few"]), f["x"].asstr()[1], len(f["x"].attrs)]`;
  expect(runH5py(context, code)).toEqual([3100, "p/f_199.h5", "q/2999.h5", 100, "changed", 20]);
});

test("random trees survive the round trip", { timeout: 120_000 }, async (context) => {
  const folder = temporaryFolder();
  // The last ones nobody has tried before.
  const fresh = Math.floor(Math.random() * 2 ** 31);
  const seeds = Array.from({ length: 25 }, (_, i) => (i < 20 ? i : fresh + i));
  const trees = seeds.map((seed) => new TreeGenerator(seed).tree());
  const paths = seeds.map((seed) => join(folder, `${seed}.h5`));
  for (const [i, tree] of trees.entries()) {
    await writeFile(paths[i]!, tree);
    expect(await readWithH5wasm(paths[i]!), `seed ${seeds[i]}`).toEqual(describeTree(tree));
  }
  for (const [i, found] of readWithH5py(context, ...paths).entries()) {
    expect(found, `seed ${seeds[i]}`).toEqual(describeTree(trees[i]!));
  }
});

test("arrays are passed on by reference", () => {
  const data = new Float64Array(100_000);
  const parts = encodeFile(file({ members: { x: dataset(data) } }));
  expect(parts.some((part) => part.buffer === data.buffer)).toBe(true);
});

test("only files that need HDF5 1.10 say so", () => {
  const versionOf = (gzip: number) =>
    Buffer.concat(encodeFile(file({ members: { x: dataset([1, 2], { gzip }) } })))[8];
  expect(versionOf(0)).toBe(2);
  expect(versionOf(4)).toBe(3);
});

test.each<[string, string, Record<string, Member>]>([
  ["a slash in a name", "invalid-name", { "a/b": dataset(1) }],
  ["an empty name", "invalid-name", { "": dataset(1) }],
  ["an absolute file", "invalid-path", { x: externalLink("/data/f.h5") }],
  ["an empty path", "invalid-path", { x: softLink("") }],
  ["a NUL in a text", "invalid-text", { x: dataset("a\0b") }],
  ["half a surrogate pair", "invalid-text", { x: dataset("\ud800") }],
  ["text wider than its field", "invalid-text", { x: dataset("abc", { dtype: "S2" }) }],
  ["a wrong gzip level", "invalid-option", { x: dataset([1], { gzip: 10 }) }],
  ["a lossy fill", "lossy-conversion", { x: dataset([1], { dtype: "int8", fill: 1.5 }) }],
  [
    "an attribute above 64 KiB",
    "attribute-too-large",
    { x: dataset(1, { attributes: { big: new Float64Array(8200) } }) },
  ],
  ["a link that fills a message", "message-too-large", { x: softLink("x".repeat(65_530)) }],
])("%s is refused with its place in the file", (_, code, members) => {
  const tree = file({ members: { outer: group({ members }) } });
  expect(() => encodeFile(tree)).toThrow(
    expect.objectContaining({
      code,
      fields: expect.objectContaining({ member: expect.any(String) }),
    }),
  );
  expect(() => encodeFile(tree)).toThrow(/\/outer/);
});

test("an attribute just below the limit is readable", async () => {
  const path = join(temporaryFolder(), "attribute.h5");
  const tree = file({ attributes: { big: new Uint8Array(65_450).fill(7) } });
  await writeFile(path, tree);
  expect(await readWithH5wasm(path)).toEqual(describeTree(tree));
});
