// Strings that were kept as patches are the same strings, whatever they resemble, and those that
// resemble each other take little.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchBytes, patchedBytes } from "./patched-bytes.js";

function packed(strings: readonly Uint8Array[]) {
  const offsets = new Uint32Array(strings.length + 1);
  for (const [i, one] of strings.entries()) offsets[i + 1] = (offsets[i] as number) + one.length;
  // Not at the start of its buffer, as what was received.
  const bytes = Buffer.concat([Buffer.from("head"), ...strings]).subarray(4);
  return patchBytes(offsets, bytes);
}

function expectSame(strings: readonly Uint8Array[]): void {
  const kept = packed(strings);
  for (const [i, one] of strings.entries()) {
    expect(Buffer.compare(patchedBytes(kept, i), one)).toBe(0);
  }
}

const text = (value: string): Uint8Array => Buffer.from(value);

describe("patched bytes", () => {
  it("keeps what strings have in common once", () => {
    const common = "the body of a function ".repeat(20);
    const strings = Array.from({ length: 1000 }, (_, i) => text(`inc-${i} ${common} (${i})`));
    const kept = packed(strings);
    expect(kept.bytes.byteLength).toBeLessThan(30 * strings.length);
    expectSame(strings);
  });

  it.each([
    [[]],
    [[""]],
    [["", "a", "", "b"]],
    [["same", "same"]],
    [["abcdefgh-abcdefgh-abcdefgh", "Xbcdefgh-abcdefgh-abcdefgX"]],
  ])("gives back %j", (strings) => {
    expectSame(strings.map(text));
  });

  it("patches far into long strings", () => {
    const long = new Uint8Array(300_000);
    const other = long.slice();
    other[299_999] = 1;
    const third = long.slice();
    third.fill(7, 1000, 90_000);
    const kept = packed([long, other, third]);
    expect([...kept.references]).toEqual([0, 0, 0]);
    expectSame([long, other, third]);
  });

  it("gives back any strings", () => {
    const byte = fc.integer({ min: 0, max: 2 });
    const string = fc.array(byte, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(fc.property(fc.array(string, { maxLength: 20 }), expectSame));
    const alike = fc.array(fc.tuple(fc.nat(199), byte), { maxLength: 6 }).map((changes) => {
      const made = new Uint8Array(200);
      for (const [at, value] of changes) made[at] = value;
      return made;
    });
    fc.assert(fc.property(fc.array(alike, { maxLength: 20 }), expectSame));
  });
});
