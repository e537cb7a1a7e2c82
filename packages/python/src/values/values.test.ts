// Goal: every row of the table of values, both ways, as far as it can be told without Python; that
// Python agrees is shown by e2e/src/python/values.test.ts.
import { Serialized } from "@acme/protocol";
import { describe, expect, it } from "vitest";
import {
  type PickleNode,
  PyFloat,
  PyFrozenSet,
  PyTuple,
  pyCall,
  pyGlobal,
} from "../pickle/nodes.js";
import { PythonValueError } from "../pickle/pickle-errors.js";
import { readPickle } from "../pickle/read-pickle.js";
import { writePickle } from "../pickle/write-pickle.js";
import { exceptionPayload } from "./pickled-exception.js";
import { PythonException } from "./python-exception.js";
import { PythonObject } from "./python-object.js";
import { readPython, readPythonException } from "./read-payload.js";
import { writePython } from "./write-payload.js";

const again = (value: unknown): unknown => readPython(writePython(value));
const read = (node: PickleNode): unknown =>
  readPython(new Serialized({ serializer: "pickle", writeable: [] }, [writePickle(node).bytes]));

describe("values that come back as they were", () => {
  it.each([
    ["null", null],
    ["numbers", [0, -1, 1.5, 2 ** 53 - 1, Number.NaN, -0]],
    ["bigint", 2n ** 70n],
    ["text", "\u00e4\u{1f600}"],
    ["booleans", [true, false]],
    ["bytes", Buffer.from([1, 2, 3])],
    ["nested", { a: [1, { b: "c" }], d: { e: null } }],
    [
      "a map",
      new Map<unknown, unknown>([
        [1, "a"],
        [2.5, { b: 2 }],
      ]),
    ],
    ["a set", new Set([1, "a"])],
    ["a date", new Date("2024-02-29T12:30:15.250Z")],
    ["an early date", new Date("0033-04-03T15:00:00Z")],
    ["Float64Array", Float64Array.of(1.5, -2)],
    ["Uint8Array", Uint8Array.of(1, 255)],
    ["BigInt64Array", BigInt64Array.of(-1n, 2n ** 62n)],
    ["no elements", new Float32Array(0)],
    ["arrays inside", { x: Int16Array.of(-5), y: [Uint32Array.of(7)] }],
    ["a matrix", { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3], dtype: "float64" }],
    ["complex", { data: Float32Array.of(1, 2, 3, 4), shape: [2], dtype: "complex64" }],
    ["bool", { data: Uint8Array.of(1, 0), shape: [2], dtype: "bool" }],
    [
      "Fortran's order",
      { data: Int32Array.of(1, 2, 3, 4), shape: [2, 2], dtype: "int32", strides: [1, 2] },
    ],
    ["no dimension", { data: Float64Array.of(1), shape: [], dtype: "float64" }],
    ["__proto__", JSON.parse('{"__proto__": {"x": 1}}')],
  ])("%s", (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  it("arrays without a copy", () => {
    const array = new Float64Array(1000).fill(2);
    const payload = writePython(array);
    expect(payload.frames[0]?.buffer).toBe(array.buffer);
    expect((readPython(payload) as Float64Array).buffer).toBe(array.buffer);
    const inside = writePython([array]);
    expect(inside.frames[1]?.buffer).toBe(array.buffer);
  });

  it("what is shared, and circles", () => {
    const shared = { a: 1 };
    const circle: unknown[] = [shared, shared];
    circle.push(circle);
    const back = again(circle) as unknown[];
    expect(back[0]).toBe(back[1]);
    expect(back[2]).toBe(back);
  });
});

describe("values that change", () => {
  it.each<[string, PickleNode, unknown]>([
    ["tuples become arrays", PyTuple.of(1, PyTuple.of()), [1, []]],
    ["frozensets become sets", new PyFrozenSet([1]), new Set([1])],
    ["floats become numbers", new PyFloat(2), 2],
    [
      "dicts with other keys become maps",
      new Map([[PyTuple.of(1, 2), "x"]]),
      new Map([[[1, 2], "x"]]),
    ],
    ["ordered dicts become objects", withEntries("collections", "OrderedDict"), { k: 1 }],
    ["counters become objects", pyCall("collections", "Counter", new Map([["l", 2]])), { l: 2 }],
    [
      "dates become midnight in UTC",
      pyCall("datetime", "date", Buffer.from([7, 0xb1, 7, 20])),
      new Date("1969-07-20"),
    ],
  ])("%s", (_, node, value) => {
    expect(read(node)).toStrictEqual(value);
  });

  it("undefined becomes None, and an ArrayBuffer bytes", () => {
    expect(again({ a: undefined })).toEqual({ a: null });
    expect(again(new Uint8Array([1, 2]).buffer)).toEqual(Buffer.from([1, 2]));
  });

  it("errors become exceptions", () => {
    const error = again([new RangeError("too far")]) as PythonException[];
    expect(error[0]).toBeInstanceOf(PythonException);
    expect(error[0]).toMatchObject({ name: "ValueError", message: "too far" });
    expect(again([error[0]])).toMatchObject([{ pythonType: "builtins.ValueError" }]);
  });
});

describe("handles", () => {
  it("keep the whole and the way to the part", () => {
    const decimal = pyCall("decimal", "Decimal", "1.1");
    const whole = read(decimal) as PythonObject;
    expect(whole).toBeInstanceOf(PythonObject);
    expect(whole).toMatchObject({ typeName: "decimal.Decimal", path: [] });
    expect(writePython(whole)).toBe(whole.payload);
    const inside = read(new Map([["a", [1, decimal]]])) as { a: PythonObject[] };
    expect(inside.a[1]).toMatchObject({ path: ["a", 1] });
    const { frames } = writePython(inside.a[1]);
    const call = readPickle(frames[0]!, frames.slice(1));
    expect(call).toMatchObject({ callable: pyGlobal("operator", "getitem") });
  });

  it("that no index leads to cannot be passed on", () => {
    const [member] = read(new Set([pyCall("m", "f")])) as Set<PythonObject>;
    expect(member).toMatchObject({ typeName: "m.f", path: null });
    expect(() => writePython(member)).toThrow(PythonValueError);
  });
});

describe("exceptions", () => {
  it("have class, arguments and message", () => {
    const found = readPythonException(exceptionPayload("builtins", "KeyError", ["k"]));
    expect(found).toMatchObject({ name: "KeyError", message: "'k'", args: ["k"], traceback: "" });
    const os = readPythonException(
      exceptionPayload("builtins", "FileNotFoundError", [2, "gone", "/x"]),
    );
    expect(os.message).toBe("[Errno 2] gone: '/x'");
  });
});

it.each([
  ["a function", () => 1],
  ["a symbol", Symbol("x")],
  ["an instance of a class", new (class Point {})()],
  ["an invalid date", new Date(Number.NaN)],
  ["an array with gaps", { data: new Float64Array(4), shape: [2, 2], strides: [3, 7] }],
])("%s has no form in Python", (_, value) => {
  expect(() => writePython(value)).toThrow(PythonValueError);
  expect(() => writePython([value])).toThrow(PythonValueError);
});

function withEntries(module: string, name: string): PickleNode {
  const node = pyCall(module, name);
  node.entries = new Map([["k", 1]]);
  return node;
}
