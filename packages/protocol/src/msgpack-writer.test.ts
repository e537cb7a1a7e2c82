// Goal: the writer chooses the forms that msgpackr and Python choose, at every length where the
// form changes, and its scratch space may be asked for while it is in use. What it refuses is in
// wire-codec.test.ts.
import { Packr, Unpackr } from "msgpackr";
import { expect, test } from "vitest";
import { packDocument } from "./msgpack-writer.js";

// "auto" is missing from msgpackr's types.
const int64AsType = "auto" as "bigint";
const options = { useRecords: false, mapsAsObjects: false, int64AsType };
const oracle = new Packr({ ...options, variableMapSize: true });
const reader = new Unpackr(options);

const around = (edge: number): number[] => [edge - 1, edge, edge + 1];
const lengths = [0, 1, ...[16, 32, 64, 256, 4096, 2 ** 16].flatMap(around)];

test.each(lengths)("text, bytes, arrays and maps of %i", (length) => {
  const items = Array.from({ length }, (_, i) => i % 100);
  const values = [
    "a".repeat(length),
    new Uint8Array(length).fill(7),
    items,
    new Map(items.map((item, i) => [i, item])),
    { before: "x".repeat(length), after: [items, "y".repeat(length)] },
  ];
  for (const value of values) expect(same(value)).toBe(true);
});

test.each(lengths)("objects of %i fields", (length) => {
  const fields = Object.fromEntries(Array.from({ length }, (_, i) => [`f${i}`, { i }]));
  expect(same({ fields, end: true })).toBe(true);
});

// msgpackr chooses headers of such text by its characters, not by its bytes.
test.each(lengths)("text of %i characters that are not ASCII", (length) => {
  for (const text of ["é".repeat(length), `${"a".repeat(length)}€`, `😀${"b".repeat(length)}`]) {
    expect(reader.unpack(packDocument({ text, next: 1 }))).toEqual(
      new Map<string, unknown>(Object.entries({ text, next: 1 })),
    );
  }
});

test("numbers at every edge", () => {
  const edges = [0, 5, 7, 8, 15, 16, 31, 32].flatMap((bits) => around(2 ** bits));
  const whole = [...edges, ...edges.map((edge) => -edge), -32, -33];
  for (const value of [...whole, 0.5, -1e300, 1e300, 2 ** 53 + 2, Number.NaN, Infinity]) {
    // What needs more than 32 bits msgpackr writes as an integer only if it is a bigint.
    const isWide = Number.isInteger(value) && Math.abs(value) <= 2 ** 53;
    const isWord = value >>> 0 === value || value >> 0 === value;
    expect(packDocument(value)).toEqual(
      plainBytes(oracle.pack(isWide && !isWord ? BigInt(value) : value)),
    );
  }
  for (const value of [2 ** 32, 2 ** 53, -(2 ** 31) - 1, -(2 ** 53)]) {
    expect(packDocument(value)).toEqual(plainBytes(oracle.pack(BigInt(value))));
    expect(packDocument(BigInt(value))).toEqual(packDocument(value));
  }
  for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n]) {
    expect(packDocument(value)).toEqual(plainBytes(oracle.pack(value)));
  }
});

test("a stand-in may be made by packing something else", () => {
  class Box {}
  const standIn = (value: object) =>
    value instanceof Box ? { inner: packDocument({ deep: "text" }) } : undefined;
  const inner = packDocument({ deep: "text" });
  expect(packDocument(["before", new Box(), "after"], standIn)).toEqual(
    packDocument(["before", { inner }, "after"]),
  );
});

function same(value: unknown): boolean {
  return Buffer.compare(packDocument(value), oracle.pack(value)) === 0;
}

const plainBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
