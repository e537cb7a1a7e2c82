// Goal: what is written is read again as it was, shared and cyclic values included, and bytes that
// are no pickle end in an error of ours, never in another one, a hang or a full memory.
import { isAcmeError, LimitError } from "@acme/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type PickleNode,
  PyBuffer,
  PyFloat,
  PyFrozenSet,
  PyObject,
  PyTuple,
  pyCall,
  pyGlobal,
} from "./nodes.js";
import { PickleFormatError, PythonValueError } from "./pickle-errors.js";
import { pickleLimits } from "./pickle-limits.js";
import { readPickle } from "./read-pickle.js";
import { writePickle } from "./write-pickle.js";

const again = (node: PickleNode): PickleNode => readPickle(writePickle(node).bytes);

const { node: anyNode } = fc.letrec<{ node: PickleNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    // Beyond the safe ones, which are read as numbers.
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 3000n }),
    fc.bigInt({ min: -(2n ** 3000n), max: -(2n ** 53n) }),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("node")),
    fc.array(tie("node")).map((items) => new PyTuple(items)),
    fc.array(tie("node")).map((items) => new PyFrozenSet(items)),
    fc.array(tie("node")).map((items) => new Set(items)),
    fc.array(fc.tuple(tie("node"), tie("node"))).map((entries) => new Map(entries)),
    fc
      .tuple(fc.string(), fc.array(tie("node")))
      .map(([name, args]) => pyCall("some.module", name, ...args)),
    fc
      .tuple(tie("node"), tie("node"))
      .map(([arg, state]) => new PyObject("new", pyGlobal("m", "C"), [arg], { state })),
  ),
}));

describe("a pickle that was written", () => {
  it("is read as it was", () => {
    fc.assert(
      fc.property(anyNode, (node) => {
        expect(again(node)).toStrictEqual(node);
      }),
      { numRuns: 500 },
    );
  });

  it("has ints and floats of every size", () => {
    const edges = [7, 8, 15, 16, 31, 32, 52].flatMap((bits) => [
      2 ** bits - 1,
      2 ** bits,
      -(2 ** bits),
      -(2 ** bits) - 1,
    ]);
    for (const edge of [...edges, 0, -1, 0.5, -0, 1e300, Number.NEGATIVE_INFINITY, Number.NaN]) {
      expect(again(edge)).toBe(edge);
    }
    for (const bits of [63n, 64n, 127n, 128n, 2039n, 2040n]) {
      for (const value of [2n ** bits, -(2n ** bits), 2n ** bits - 1n, -(2n ** bits) - 1n]) {
        expect(again(value)).toBe(value);
      }
    }
  });

  it("has halves of surrogate pairs, and replacement characters", () => {
    for (const text of ["\ud800", "a\udfffb\ufffdc", "\u{1f600}\ud83d", "\ufeffx"]) {
      expect(again(text)).toBe(text);
    }
  });

  it("keeps what is shared and what is circular", () => {
    const shared: PickleNode[] = [1];
    const circle: PickleNode[] = [shared, shared];
    circle.push(circle);
    const read = again(circle) as PickleNode[][];
    expect(read[0]).toBe(read[1]);
    expect(read[2]).toBe(read);
  });

  it("names modules once", () => {
    const one = writePickle([pyGlobal("a.long.module", "name")]).bytes.length;
    const two = writePickle([pyGlobal("a.long.module", "name"), pyGlobal("a.long.module", "name")]);
    expect(two.bytes.length).toBe(one + 2);
  });

  it("remembers more than 255 values", () => {
    const items = Array.from({ length: 700 }, (_, i) => [i]);
    const read = again([...items, ...items]) as PickleNode[];
    expect(read[700]).toBe(read[0]);
    expect(read[1399]).toBe(read[699]);
  });

  it("leaves large buffers beside it", () => {
    const large = new Uint8Array(100).fill(1);
    const small = new Uint8Array(10).fill(2);
    const node = [new PyBuffer(large), new PyBuffer(small)];
    const { bytes, buffers } = writePickle(node, { outOfBandBytes: 50 });
    expect(buffers).toEqual([large]);
    expect(buffers[0]).toBe(large);
    expect(readPickle(bytes, buffers)).toEqual([large, small]);
    expect(() => readPickle(bytes)).toThrow(PickleFormatError);
  });

  it("has floats that are whole, where asked", () => {
    const { bytes } = writePickle(new PyFloat(2));
    expect(Buffer.from(bytes).toString("hex")).toBe("80054740000000000000002e");
  });

  it("turns other values into nodes once each", () => {
    const inner = { a: 1 };
    let calls = 0;
    const convert = (value: unknown): PickleNode => {
      calls += 1;
      return new Map(Object.entries(value as object));
    };
    const circular: Record<string, unknown> = { inner, again: inner };
    circular.self = circular;
    const { bytes } = writePickle(circular as never, { convert });
    const read = readPickle(bytes) as Map<string, unknown>;
    expect(calls).toBe(2);
    expect(read.get("inner")).toBe(read.get("again"));
    expect(read.get("self")).toBe(read);
  });

  it("refuses what has no form, and what is too deep", () => {
    expect(() => writePickle({} as never)).toThrow(PythonValueError);
    expect(() => writePickle((() => 1) as never)).toThrow(PythonValueError);
    let deep: PickleNode = [];
    for (let i = 0; i < pickleLimits.depth; i++) deep = [deep];
    expect(() => writePickle(deep)).toThrow(LimitError);
  });
});

describe("bytes that are no pickle", () => {
  it.each([
    ["nothing", ""],
    ["no end", "8005"],
    ["protocol 6", "80064e2e"],
    ["protocol 1", "80014e2e"],
    ["an opcode of protocol 0", "8002490a2e"],
    ["a persistent id", "8002512e"],
    ["the extension registry", "800282012e"],
    ["something left over", "80054e4e2e"],
    ["an empty stack", "80052e"],
    ["a memo that was not filled", "800568002e"],
    ["a mark that is missing", "8005742e"],
    ["text that is too short", "80058c0561622e"],
    ["text that is no UTF-8", "80058c02c3282e"],
    ["half a surrogate", "80058c02eda02e"],
    ["a length of 2^63", "80058e00000000000000802e"],
    ["a state for a list", "80055d4e622e"],
    ["arguments that are no tuple", "80054e5d522e"],
    ["a name that is no text", "80054b014b02932e"],
    ["a key without value", "80057d284e752e"],
    ["items for None", "80054e284e652e"],
    ["a pop below a mark", "80054e2885742e"],
  ])("%s", (_, hex) => {
    expect(() => readPickle(Buffer.from(hex, "hex"))).toThrow(PickleFormatError);
  });

  it("whole numbers and marks beyond the limits", () => {
    const long = Buffer.alloc(pickleLimits.integerBytes + 8, 1);
    Buffer.from("80058b", "hex").copy(long);
    long.writeUInt32LE(pickleLimits.integerBytes + 1, 3);
    expect(() => readPickle(long)).toThrow(LimitError);
    const marks = Buffer.alloc(pickleLimits.openMarks + 3, 0x28);
    Buffer.from("8005", "hex").copy(marks);
    expect(() => readPickle(marks)).toThrow(LimitError);
  });

  it("fail as such, however they are made", () => {
    const mutated = fc.tuple(
      anyNode,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    );
    const check = (bytes: Uint8Array) => {
      try {
        readPickle(bytes, [new Uint8Array(4)]);
      } catch (error) {
        if (!isAcmeError(error)) throw error;
      }
    };
    fc.assert(
      fc.property(mutated, ([node, changes]) => {
        const bytes = writePickle(node).bytes.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        check(bytes);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), check), { numRuns: 2000 });
  });
});
