// Goal: the scan finds in any map the integer that a full decoding finds, and no bytes crash it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAcmeError } from "./errors.js";
import { unpackDocument } from "./msgpack.js";
import { scanForInteger } from "./msgpack-scan.js";
import { packDocument } from "./msgpack-writer.js";

const name = "count";
const field = new TextEncoder().encode(name);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.oneof(fc.constant(null), fc.boolean(), fc.string(), fc.uint8Array({ maxLength: 300 })),
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true })),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant(name)), tie("value"), { maxKeys: 20 }),
  ),
}));

test("it agrees with a full decoding, wherever the field stands", () => {
  const fields = fc.array(fc.tuple(fc.string(), value), { maxLength: 20 });
  fc.assert(
    fc.property(fields, fc.nat(), fields, (before, count, after) => {
      const document = packDocument(new Map([...before, [name, count], ...after]));
      const decoded = (unpackDocument(document) as Map<string, unknown>).get(name);
      const found = scanForInteger(document, field);
      if (typeof decoded === "number" && Number.isInteger(decoded) && decoded >= 0) {
        expect(found).toBe(decoded);
      }
      expect(scanForInteger(packDocument(new Map(before)), Uint8Array.of(1, 2, 3))).toBeUndefined();
    }),
  );
});

test("no bytes crash it", () => {
  const mapHead = fc.constantFrom([0x81], [0x8f], [0xde, 0, 9], [0xdf, 255, 255, 255, 255]);
  fc.assert(
    fc.property(mapHead, fc.uint8Array({ maxLength: 80 }), (head, tail) => {
      try {
        scanForInteger(Uint8Array.from([...head, ...tail]), field);
      } catch (error) {
        if (!isAcmeError(error, "WIRE_FORMAT")) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
