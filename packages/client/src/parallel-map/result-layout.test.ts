// The rules of resultShape, and what fits into one place of it.
import { expect, test } from "vitest";
import { fitsSlot, type ResultShape, resultDtype, resultLayout } from "./result-layout.js";

test("null is the dimension of the calls", () => {
  expect(resultLayout([28, 28, null], "float64")).toEqual({
    slot: [28, 28],
    stackAt: 2,
    dtype: "float64",
  });
  expect(resultLayout([null], "int32")).toEqual({ slot: [], stackAt: 0, dtype: "int32" });
});

test.each<[ResultShape, RegExp]>([
  [[2, 3], /exactly one dimension must be null/],
  [[null, null], /exactly one dimension must be null/],
  [[null, Infinity, Infinity], /only one dimension may be Infinity/],
  [[null, -1], /whole numbers/],
  [[null, 1.5], /whole numbers/],
  [[null, Number.NaN], /whole numbers/],
])("%j is refused", (shape, reason) => {
  expect(() => resultLayout(shape, "float64")).toThrow(reason);
});

test("a result fits in rank and in every dimension, Infinity takes any", () => {
  const layout = resultLayout([null, 3, Infinity], "float64");
  expect(fitsSlot(layout, [3, 0])).toBe(true);
  expect(fitsSlot(layout, [3, 100])).toBe(true);
  expect(fitsSlot(layout, [2, 100])).toBe(false);
  expect(fitsSlot(layout, [3])).toBe(false);
});

test("types of elements by numpy's names, numbers only", () => {
  expect(resultDtype("float")).toBe("float64");
  expect(resultDtype("<i4")).toBe("int32");
  expect(() => resultDtype("str")).toThrow("is text");
  expect(() => resultDtype("floaty")).toThrow(/resultDtype.*floaty/);
});
