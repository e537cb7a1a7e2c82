// Half precision against a definition: every bit pattern, and every rounding boundary.
import { expect, test } from "vitest";
import { float16ToNumber, numberToFloat16 } from "./float16.js";

test("every half survives the round trip", () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = float16ToNumber(bits);
    if (Number.isNaN(value)) continue;
    if (numberToFloat16(value) !== bits) throw new Error(`0x${bits.toString(16)} is ${value}`);
  }
  expect(float16ToNumber(0x7bff)).toBe(65504);
  expect(float16ToNumber(0x0001)).toBe(2 ** -24);
  expect(float16ToNumber(0x8000)).toBe(-0);
  expect(numberToFloat16(NaN)).toBe(0x7e00);
});

test("between two halves the nearer wins, in the middle the even one", () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    const low = float16ToNumber(bits);
    const high = bits === 0x7bff ? 65536 : float16ToNumber(bits + 1);
    const middle = (low + high) / 2;
    const quarter = (high - low) / 4;
    const even = bits % 2 === 0 ? bits : bits + 1;
    const got = [middle - quarter, middle, middle + quarter].map(numberToFloat16);
    if (got.join() !== [bits, even, bits + 1].join()) throw new Error(`${low}: ${got}`);
    if (numberToFloat16(-middle) !== (even | 0x8000)) throw new Error(`-${middle}`);
  }
});

test("a value just below a power of two rounds up into it", () => {
  expect(numberToFloat16(2 - 2 ** -40)).toBe(0x4000);
  expect(numberToFloat16(65519.999)).toBe(0x7bff);
  expect(numberToFloat16(65520)).toBe(0x7c00);
});
