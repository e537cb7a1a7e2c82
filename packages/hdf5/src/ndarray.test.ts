// What counts as an array, and what it becomes.
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { readWithH5wasm } from "./fixtures/read-with-h5wasm.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { asArray, dataset, file, writeFile } from "./index.js";

test.each([
  [3, [], "float64", [3]],
  [3n, [], "int64", [3n]],
  [true, [], "bool", [1]],
  ["a", [], "str", ["a"]],
  [[1, 2, 3], [3], "float64", [1, 2, 3]],
  [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [3, 2],
    "float64",
    [1, 2, 3, 4, 5, 6],
  ],
  [[[true], [false]], [2, 1], "bool", [1, 0]],
  [["a", "b"], [2], "str", ["a", "b"]],
  [[-1n, 2n], [2], "int64", [-1n, 2n]],
  [[2n ** 63n], [1], "uint64", [2n ** 63n]],
  [[], [0], "float64", []],
  [[[], []], [2, 0], "float64", []],
])("%o has shape %o and dtype %s", (value, shape, dtype, data) => {
  const array = asArray(value);
  expect({ ...array, data: [...array.data] }).toEqual({ shape, dtype, data });
});

test.each([
  [new Int8Array(2), "int8"],
  [new Uint8Array(2), "uint8"],
  [new Uint8ClampedArray(2), "uint8"],
  [Buffer.alloc(2), "uint8"],
  [new Int16Array(2), "int16"],
  [new Uint16Array(2), "uint16"],
  [new Int32Array(2), "int32"],
  [new Uint32Array(2), "uint32"],
  [new BigInt64Array(2), "int64"],
  [new BigUint64Array(2), "uint64"],
  [new Float32Array(2), "float32"],
  [new Float64Array(2), "float64"],
])("a typed array keeps its type and is not copied (%#)", (data, dtype) => {
  const array = asArray(data);
  expect(array).toMatchObject({ shape: [2], dtype });
  expect(array.data).toBe(data);
});

test("typed arrays of another realm, and in shared memory", async () => {
  const foreign = runInNewContext("new Float64Array([1.5, 2])") as Float64Array;
  expect(foreign).not.toBeInstanceOf(Float64Array);
  expect(asArray(foreign)).toEqual({ data: Float64Array.of(1.5, 2), shape: [2], dtype: "float64" });
  expect(asArray({ data: foreign, shape: [2] }, { dtype: "int64", lossy: true }).data).toEqual(
    BigInt64Array.of(1n, 2n),
  );
  const shared = new Int32Array(new SharedArrayBuffer(4)).fill(5);
  const path = join(temporaryFolder(), "shared.h5");
  const tree = file({ members: { foreign: dataset(foreign), shared: dataset(shared) } });
  await writeFile(path, tree);
  const found = await readWithH5wasm(path);
  expect(found["/foreign"]?.array?.values).toBe("000000000000f83f0000000000000040");
  expect(found["/shared"]?.array?.values).toBe("05000000");
});

test("views of array libraries: transposed, offset, reversed, broadcast", () => {
  const data = Float64Array.of(0, 1, 2, 3, 4, 5);
  const of = (view: object) => asArray({ data, ...view });
  expect(of({ shape: [3, 2], stride: [1, 3] }).data).toEqual(Float64Array.of(0, 3, 1, 4, 2, 5));
  expect(of({ shape: [2, 2], strides: [3, 1], offset: 1 }).data).toEqual(
    Float64Array.of(1, 2, 4, 5),
  );
  expect(of({ shape: [6], stride: [-1], offset: 5 }).data).toEqual(
    Float64Array.of(5, 4, 3, 2, 1, 0),
  );
  expect(of({ shape: [2, 2], stride: [0, 1] }).data).toEqual(Float64Array.of(0, 1, 0, 1));
  expect(of({ shape: [], offset: 4 }).data).toEqual(Float64Array.of(4));
});

test("contiguous views are not copied", () => {
  const data = Float64Array.of(0, 1, 2, 3, 4, 5);
  expect(asArray({ data, shape: [2, 3] }).data).toBe(data);
  const part = asArray({ data, shape: [2, 2], offset: 2 }).data as Float64Array;
  expect(part).toEqual(Float64Array.of(2, 3, 4, 5));
  expect(part.buffer).toBe(data.buffer);
});

test("a declared dtype says what the entries mean", () => {
  const complex = { data: Float64Array.of(1, 2, 3, 4, 5, 6), dtype: "complex128" };
  expect(asArray({ ...complex, shape: [3] }).shape).toEqual([3]);
  expect(asArray({ ...complex, shape: [2], stride: [2] }).data).toEqual(
    Float64Array.of(1, 2, 5, 6),
  );
  const half = asArray({ data: Uint16Array.of(0x3c00), shape: [1], dtype: "float16" });
  expect(asArray(half, { dtype: "float64" }).data).toEqual(Float64Array.of(1));
  expect(asArray({ data: Uint8Array.of(1, 0), shape: [2], dtype: "bool" }).dtype).toBe("bool");
  expect(asArray({ data: [1, 2], shape: [2], dtype: "int16" }).data).toEqual(Int16Array.of(1, 2));
  expect(asArray({ data: [1, 2], shape: [2], dtype: "generic" }).dtype).toBe("float64");
});

test.each<[string, unknown, string]>([
  ["null", null, "unsupported-value"],
  ["undefined", undefined, "unsupported-value"],
  ["a record that only looks like an array", { data: null, shape: null }, "unsupported-value"],
  ["a function", () => 1, "unsupported-value"],
  ["a plain object", { a: 1 }, "unsupported-value"],
  ["a DataView", new DataView(new ArrayBuffer(8)), "unsupported-value"],
  ["an object in a list", [1, {}], "unsupported-value"],
  ["a hole", [1, ...new Array(1), 3], "unsupported-value"],
  ["an array of holes", new Array(2), "unsupported-value"],
  ["a huge bigint", [2n ** 64n], "unsupported-value"],
  ["a negative beside a huge bigint", [-1n, 2n ** 63n], "unsupported-value"],
  ["ragged rows", [[1, 2], [3]], "ragged-array"],
  ["rows and numbers", [[1], 2], "ragged-array"],
  ["numbers and rows", [1, [2]], "ragged-array"],
  ["numbers and text", [1, "a"], "mixed-array"],
  ["numbers and bigints", [1, 2n], "mixed-array"],
  ["a shape that is too large", { data: new Int8Array(3), shape: [2, 2] }, "invalid-view"],
  ["a negative shape", { data: new Int8Array(3), shape: [-1] }, "invalid-view"],
  ["an offset too far", { data: new Int8Array(3), shape: [2], offset: 2 }, "invalid-view"],
  ["strides before the data", { data: new Int8Array(3), shape: [2], stride: [-1] }, "invalid-view"],
  ["too few strides", { data: new Int8Array(4), shape: [2, 2], stride: [1] }, "invalid-view"],
  ["a fractional stride", { data: new Int8Array(4), shape: [2], stride: [0.5] }, "invalid-view"],
  ["a wrong carrier", { data: new Int8Array(2), shape: [1], dtype: "float16" }, "invalid-view"],
  ["a bool of 2", { data: Uint8Array.of(2), shape: [1], dtype: "bool" }, "invalid-view"],
  ["an unknown dtype", { data: new Int8Array(1), shape: [1], dtype: ">f8" }, "unknown-dtype"],
])("%s is refused", (_, value, code) => {
  expect(() => asArray(value)).toThrow(expect.objectContaining({ name: "Hdf5Error", code }));
});
