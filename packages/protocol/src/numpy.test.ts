// Goal: arrays recorded from NumPy are read as what they hold, and ours look to it the same.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeBytes, decodeNumpy, encodeBytes, encodeNumpy, type NumpyData } from "./numpy.js";
import { Serialized } from "./serialized.js";
import { openPayload } from "./subframes.js";
import { decodeMessage, encodeMessage } from "./wire-codec.js";

const file = new URL("./fixtures/wire-vectors.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as {
  vectors: { name: string; frames: string[] }[];
};

function recorded(name: string): Serialized {
  const { frames } = vectors.find((vector) => vector.name === name)!;
  const message = decodeMessage(frames.map((hex) => new Uint8Array(Buffer.from(hex, "hex"))));
  return (message as ReadonlyMap<string, Serialized>).get("data")!;
}

test("arrays from NumPy", () => {
  expect(decodeNumpy(recorded("serialize_numpy"))).toEqual({
    dtype: "<i8",
    shape: [5],
    order: "C",
    data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n),
  });
  const fortran = decodeNumpy(recorded("serialize_numpy_f_order"));
  expect(fortran).toMatchObject({ dtype: "<f4", shape: [2, 3], order: "F" });
  expect(fortran.data).toHaveLength(6);
  const ones = decodeNumpy(recorded("serialize_numpy_broadcast"));
  expect(ones.shape).toEqual([1000, 1000]);
  expect(ones.data).toHaveLength(1_000_000);
  expect((ones.data as Float64Array).every((value) => value === 1)).toBe(true);
  expect(decodeNumpy(recorded("serialize_numpy_empty"))).toMatchObject({ shape: [0, 3] });
});

test("our array has the very bytes of NumPy's", () => {
  const ours = encodeNumpy(BigInt64Array.of(0n, 1n, 2n, 3n, 4n));
  const theirs = recorded("serialize_numpy");
  expect(encodeMessage({ data: ours }).slice(2)).toEqual(encodeMessage({ data: theirs }).slice(2));
  expect(new Map([...ours.header].sort())).toEqual(new Map([...theirs.header].sort()));
  const bytes = encodeBytes(new TextEncoder().encode("x"));
  expect(new Set(bytes.header.keys())).toEqual(new Set(recorded("serialize_bytes").header.keys()));
});

test.each<[NumpyData, string]>([
  [Float64Array.of(1.5, -2), "<f8"],
  [Float32Array.of(1.5), "<f4"],
  [BigUint64Array.of(2n ** 63n), "<u8"],
  [Int32Array.of(-1), "<i4"],
  [Uint32Array.of(1), "<u4"],
  [Int16Array.of(-1), "<i2"],
  [Uint16Array.of(1), "<u2"],
  [Int8Array.of(-1), "|i1"],
  [Uint8Array.of(1), "|u1"],
])("%o goes there and back as %s", (data, dtype) => {
  const message = decodeMessage(encodeMessage(encodeNumpy(data)));
  const back = decodeNumpy(message as Serialized);
  expect(back).toEqual({ dtype, shape: [data.length], order: "C", data });
});

test("shapes, orders and odd alignment are kept", () => {
  const data = Float64Array.from({ length: 24 }, (_, i) => i);
  for (const order of ["C", "F"] as const) {
    const sent = encodeNumpy(data, [2, 3, 4], order);
    const shifted = new Uint8Array(data.byteLength + 3);
    shifted.set(sent.frames[0]!, 3);
    const back = decodeNumpy(new Serialized(sent.header, [shifted.subarray(3)]));
    expect(back).toEqual({ dtype: "<f8", shape: [2, 3, 4], order, data });
  }
  expect(decodeNumpy(encodeNumpy(Float64Array.of(7), []))).toMatchObject({ shape: [] });
});

function array(sub: Record<string, unknown>, bytes: Uint8Array): Serialized {
  const header = { serializer: "dask", type: "numpy.ndarray", "sub-header": sub };
  return new Serialized(header, [bytes]);
}

test("big-endian and broadcast arrays are written out", () => {
  const big = array({ dtype: [0, ">u2"], shape: [2], strides: [2] }, Uint8Array.of(0, 1, 2, 3));
  expect(decodeNumpy(big)).toMatchObject({ dtype: "<u2", data: Uint16Array.of(1, 0x203) });
  const sub = { dtype: [0, "|u1"], shape: [2, 1], strides: [1, 0], broadcast_to: [2, 3] };
  const wide = decodeNumpy(array(sub, Uint8Array.of(8, 9)));
  expect(wide.data).toEqual(Uint8Array.of(8, 8, 8, 9, 9, 9));
});

test("what has no typed array, or contradicts itself, is refused", () => {
  const eight = new Uint8Array(8);
  const bad: [string, Record<string, unknown>][] = [
    ["complex", { dtype: [0, "<c8"], shape: [1], strides: [8] }],
    ["dates", { dtype: [0, "<M8[ns]"], shape: [1], strides: [8] }],
    ["records", { dtype: [1, eight], shape: [1], strides: [8] }],
    ["a name of the prototype", { dtype: [0, "<constructor"], shape: [1], strides: [8] }],
    ["a false shape", { dtype: [0, "<f8"], shape: [2], strides: [8] }],
    ["a negative shape", { dtype: [0, "<f8"], shape: [-1, -1], strides: [8, 8] }],
    ["gaps", { dtype: [0, "|u1"], shape: [2, 4], strides: [8, 1] }],
    ["a false broadcast", { dtype: [0, "<f8"], shape: [1], strides: [0], broadcast_to: [2, 2] }],
  ];
  for (const [name, sub] of bad) {
    const wanted = expect.objectContaining({ code: "WIRE_FORMAT" });
    expect(() => decodeNumpy(array(sub, eight)), name).toThrow(wanted);
  }
  const bomb = { dtype: [0, "<f8"], shape: [1], strides: [0], broadcast_to: [2 ** 40] };
  expect(() => decodeNumpy(array(bomb, eight))).toThrow("broadcastBytesMax");
  expect(() => encodeNumpy(Float64Array.of(1), [2])).toThrow("does not hold");
});

test("raw bytes, split or whole", () => {
  expect(decodeBytes(recorded("serialize_bytes"))).toHaveLength(15);
  expect(decodeBytes(recorded("serialize_split"))).toHaveLength(25);
  const there = decodeMessage(encodeMessage(encodeBytes(Uint8Array.of(1, 2)))) as Serialized;
  expect(decodeBytes(there)).toEqual(Uint8Array.of(1, 2));
  expect(decodeBytes(recorded("serialize_int"))).toBeUndefined();
});

test("arrays inside collections", () => {
  const list = openPayload(recorded("serialize_list_of_numpy"));
  if (list.type !== "collection") expect.fail("not a collection");
  const arrays = list.items.map((item) => item.type === "value" && decodeNumpy(item).data.length);
  expect(arrays).toEqual([2, 3]);
});
