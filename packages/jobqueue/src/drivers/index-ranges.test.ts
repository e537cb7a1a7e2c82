// Array indices as text, in both directions.
import { describe, expect, it } from "vitest";
import { formatRanges, parseRanges } from "./index-ranges.js";

describe("reading", () => {
  it.each<[string, number[] | null]>([
    ["0", [0]],
    ["4-6,8-9%6", [4, 5, 6, 8, 9]],
    ["0-10:5", [0, 5, 10]],
    ["3-38:5%1", [3, 8, 13, 18, 23, 28, 33, 38]],
    ["1, 3", [1, 3]],
    ["5-4", []],
    ["", null],
    ["1-2,5,...", null],
    ["1-2:0", null],
    ["-1", null],
  ])("%j is %j", (text, indices) => {
    expect(parseRanges(text)).toEqual(indices);
  });

  it("does not fill the memory for a range that no batch system has", () => {
    expect(parseRanges("0-99999999999")).toBeNull();
  });
});

describe("writing", () => {
  it.each<[number[], string]>([
    [[], ""],
    [[7], "7"],
    [[3, 1, 2, 2], "1-3"],
    [[0, 2, 4, 5], "0,2,4-5"],
  ])("%j is %j", (indices, text) => {
    expect(formatRanges(indices)).toBe(text);
  });

  it("is read back", () => {
    const indices = Array.from({ length: 500 }, (_, i) => i).filter((i) => (i * 7) % 11 < 6);
    expect(parseRanges(formatRanges(indices))).toEqual(indices);
  });
});
