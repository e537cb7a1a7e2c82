// What programs write, as values.
import { expect, it } from "vitest";
import { readOutput } from "./command-output.js";

it("reads texts, lines and JSON", () => {
  expect(readOutput("text", "a\nb\n")).toBe("a\nb");
  expect(readOutput("text", "a\n\n")).toBe("a\n");
  expect(readOutput("lines", "a\r\nb\n\nc\n")).toEqual(["a", "b", "", "c"]);
  expect(readOutput("lines", "")).toEqual([]);
  expect(readOutput("json", ' {"a": [1]}\n')).toEqual({ a: [1] });
  expect(() => readOutput("json", "oops")).toThrow(SyntaxError);
  expect(readOutput("none", "anything")).toBeUndefined();
});

it("reads numbers as R, Octave, FORTRAN, C and Java write them", () => {
  const numbers = (text: string) => Array.from(readOutput("numbers", text) as Float64Array);
  expect(numbers(" 1 -2.5\t.5,1e-3;3.\n")).toEqual([1, -2.5, 0.5, 0.001, 3]);
  expect(numbers("  0.1234567890123456D+03 1.0d-2")).toEqual([123.4567890123456, 0.01]);
  expect(numbers("NA NaN Inf -Inf inf Infinity -nan")).toEqual([
    NaN,
    NaN,
    Infinity,
    -Infinity,
    Infinity,
    Infinity,
    NaN,
  ]);
  expect(numbers("")).toEqual([]);
  expect(() => numbers("[1] 0.5 2")).toThrow('"[1]" is no number; in R, write with cat()');
  expect(() => numbers("1 two")).toThrow('"two" is no number');
  expect(() => numbers("0x10")).toThrow("is no number");
});
