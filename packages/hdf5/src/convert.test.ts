// Conversions: which pass, which are refused, and what the lossy ones do.
import { expect, test } from "vitest";
import { asArray, convert, parseDtype } from "./index.js";

const DTYPES = [
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

test.each(DTYPES)("0 and 1 go from %s to every type and back", (from) => {
  const array = asArray([0, 1, 1, 0, 1], { dtype: from });
  for (const to of DTYPES) expect(convert(convert(array, to), from)).toEqual(array);
});

test.each([
  [[1.5], "int32"],
  [[NaN], "int64"],
  [[Infinity], "uint8"],
  [[128], "int8"],
  [[-1], "uint8"],
  [[-1], "uint64"],
  [[2 ** 63], "int64"],
  [[2], "bool"],
  [[NaN], "bool"],
  [[1e300], "float32"],
  [[65520], "float16"],
  [[2n ** 53n + 1n], "float64"],
  [[2n ** 24n + 1n], "float32"],
  [[-1n], "uint64"],
  [[300n], "uint8"],
  [["1"], "float64"],
  [[1], "str"],
])("%o does not fit %s", (value, dtype) => {
  expect(() => asArray(value, { dtype })).toThrow(
    expect.objectContaining({ code: "lossy-conversion" }),
  );
});

test("integers that a float cannot hold are refused, rounding of floats is not", () => {
  const ints = asArray(Int32Array.of(2 ** 24 + 1));
  expect(() => convert(ints, "float32")).toThrow(/2\^?|16777217/);
  expect(convert(ints, "float64").data).toEqual(Float64Array.of(16777217));
  expect(convert(asArray([0.1]), "float32").data).toEqual(Float32Array.of(0.1));
  expect(convert(asArray([NaN, Infinity]), "float16").data).toEqual(Uint16Array.of(0x7e00, 0x7c00));
});

test("complex keeps its parts and becomes real only without an imaginary one", () => {
  const complex = asArray({ data: Float64Array.of(1, 2, 3, 0), shape: [2], dtype: "complex128" });
  expect(convert(complex, "complex64").data).toEqual(Float32Array.of(1, 2, 3, 0));
  expect(() => convert(complex, "float64")).toThrow(/element 0 \(2j\)/);
  expect(convert(complex, "int8", { lossy: true }).data).toEqual(Int8Array.of(1, 3));
  expect(convert(asArray([5, 6]), "complex128").data).toEqual(Float64Array.of(5, 0, 6, 0));
});

test("lossy conversions cut, clamp and drop", () => {
  const lossy = (value: unknown, dtype: string) => [...asArray(value, { dtype, lossy: true }).data];
  expect(lossy([1.9, -1.9, 1e9, -1e9, NaN], "int8")).toEqual([1, -1, 127, -128, 0]);
  expect(lossy([-5, 1e30, NaN, 2.5, -Infinity], "uint64")).toEqual([
    0n,
    2n ** 64n - 1n,
    0n,
    2n,
    0n,
  ]);
  expect(lossy([-1n, 5n], "uint64")).toEqual([0n, 5n]);
  expect(lossy([2n ** 53n + 1n], "float64")).toEqual([2 ** 53]);
  expect(lossy([2n ** 40n], "int32")).toEqual([2 ** 31 - 1]);
  expect(lossy([0, -3, 0.5], "bool")).toEqual([0, 1, 1]);
});

test("same dtype: same object", () => {
  const array = asArray([1]);
  expect(convert(array, "float")).toBe(array);
});

test.each([
  ["float", "float64"],
  ["<f8", "float64"],
  ["=i4", "int32"],
  ["|b1", undefined],
  ["?", "bool"],
  ["S12", "S12"],
  ["S0", undefined],
  [">i4", undefined],
  ["object", undefined],
  ["toString", undefined],
])("dtype %s is %s", (name, dtype) => {
  if (dtype !== undefined) expect(parseDtype(name)).toBe(dtype);
  else expect(() => parseDtype(name)).toThrow(expect.objectContaining({ code: "unknown-dtype" }));
});
