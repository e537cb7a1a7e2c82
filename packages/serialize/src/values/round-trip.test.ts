// Random values of every kind, nested and shared at random, come back equal.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeValue, encodeValues } from "../index.js";

const leaf = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.string({ unit: "binary" }),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(undefined, null, -0, NaN, "\u0000", "\ud800", Symbol.for("k")),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 3000 }),
  fc.float64Array({ maxLength: 400 }),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie("value")),
    fc.sparseArray(tie("value"), { maxLength: 8 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor")), tie("value")),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
    fc.array(tie("value")).map((items) => new Set(items)),
    tie("value").map((shared) => [shared, { shared }]),
  ),
}));

test("any value survives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 3 }), async (values) => {
      const encoded = await encodeValues(values);
      const back = encoded.map(({ frames }) => decodeValue(frames.map((f) => Uint8Array.from(f))));
      expect(isDeepStrictEqual(back, values)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
