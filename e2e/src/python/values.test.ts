// The table of values against real dask: what Python serializes is read here as the table says, and
// what is written here is in Python what the table says.
import { execFileSync } from "node:child_process";
import { Serialized } from "@acme/protocol";
import {
  PythonException,
  type PythonObject,
  readPython,
  readPythonException,
  writePython,
} from "@acme/python";
import { expect, it } from "vitest";
import { install } from "../../bench/incumbent.js";
import { skipWithReason } from "../skip-with-reason.js";

const program = `
import base64, datetime, decimal, json, sys
import msgpack, numpy, pandas
from distributed.core import error_message
from distributed.protocol.core import dumps, loads
from distributed.protocol.serialize import Serialize, to_serialize, merge_and_deserialize

def fail():
    try:
        return 1 / 0
    except ZeroDivisionError as cause:
        raise ValueError("bad", 3) from cause

class Own(Exception):
    pass

def caught(f):
    try:
        f()
    except Exception as error:
        return error_message(error)

def own():
    raise Own("mine")

values = {
    "scalars": [None, True, 1, 2**60, 1.5, "text", b"bytes", bytearray(b"more")],
    "nested": {"a": (1, 2), "b": {"c": {1, 2}}, 3: "x"},
    "f8": numpy.arange(6.0),
    "i8": numpy.arange(3),
    "u1": numpy.array([1, 255], dtype="u1"),
    "matrix": numpy.arange(6.0).reshape(2, 3),
    "fortran": numpy.asfortranarray(numpy.arange(4, dtype="i4").reshape(2, 2)),
    "strided": numpy.arange(10, dtype="i2")[::3],
    "broadcast": numpy.broadcast_to(numpy.float64(2.5), (2, 2)),
    "big-endian": numpy.arange(3, dtype=">i4"),
    "bool": numpy.array([True, False]),
    "complex": numpy.array([1 + 2j]),
    "text": numpy.array(["ab", "c"]),
    "empty": numpy.zeros((0, 3)),
    "zero": numpy.array(5.0),
    "list-of-arrays": [numpy.arange(2.0), numpy.arange(2, dtype="u1")],
    "dict-of-arrays": {"x": numpy.arange(2.0), "y": "z", "n": {"deep": numpy.arange(1.0)}},
    "numpy-scalars": [numpy.float64(1.5), numpy.int64(7), numpy.int64(2**60), numpy.bool_(True), numpy.str_("s")],
    "dates": [
        datetime.datetime(2024, 2, 29, 12, 30, 15, 250999),
        datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        datetime.date(1969, 7, 20),
    ],
    "opaque": decimal.Decimal("1.10"),
    "frame": pandas.DataFrame({"a": [1, 2]}),
    "opaque-inside": {"score": 0.5, "model": [decimal.Decimal("2.5")]},
    "large": numpy.arange(200_000.0),
}

def sent(value):
    frames = dumps({"v": to_serialize(value)})
    return [base64.b64encode(f).decode() for f in frames[1:]]

if sys.argv[1] == "dump":
    out = {name: sent(value) for name, value in values.items()}
    for name, f in [("fail", fail), ("own", own)]:
        message = caught(f)
        out[name] = sent(message["exception"].data)
        out[name + "-traceback"] = sent(message["traceback"].data)
    print(json.dumps(out))
else:
    def read(frames):
        header, *rest = [base64.b64decode(f) for f in frames]
        header = msgpack.loads(header, use_list=False)
        return merge_and_deserialize(header, rest)
    def shown(value):
        if isinstance(value, numpy.ndarray):
            order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
            return f"{value.dtype.str} {value.tolist()} {order} {value.flags.writeable}"
        if isinstance(value, (list, tuple)):
            return [shown(each) for each in value]
        if isinstance(value, dict):
            return {key: shown(each) for key, each in value.items()}
        return f"{type(value).__name__} {value!r}"
    print(json.dumps({k: shown(read(v)) for k, v in json.load(sys.stdin).items()}))
`;

it("reads and writes values as the table says", { timeout: 300_000 }, (context) => {
  let python = "";
  try {
    ({ python } = install("python", ["dask", "distributed", "numpy", "pandas", "pyarrow"]));
  } catch (error) {
    skipWithReason(context, "dask cannot be installed here", error);
  }
  const run = (mode: string, input = "") =>
    JSON.parse(
      execFileSync(python, ["-c", program, mode], { input, maxBuffer: 2 ** 28 }).toString(),
    );
  const sent: Record<string, string[]> = run("dump");
  const payloads = Object.fromEntries(
    Object.entries(sent).map(([name, frames]) => [name, payloadOf(frames)]),
  );
  const { model } = readPython(payloads["opaque-inside"]!) as { model: PythonObject[] };
  expectRead(payloads);
  const written = {
    ...toPython,
    whole: readPython(payloads.opaque!),
    inside: { m: model[0], n: model },
  };
  const frames = Object.entries(written).map(([name, value]) => [
    name,
    framesOf(writePython(value)),
  ]);
  expect(run("load", JSON.stringify(Object.fromEntries(frames)))).toEqual(inPython);
});

function payloadOf([header, ...frames]: string[]): Serialized {
  const bytes = frames.map((text) => Uint8Array.from(Buffer.from(text, "base64")));
  return new Serialized(Uint8Array.from(Buffer.from(header!, "base64")), bytes);
}

const framesOf = ({
  headerBytes,
  frames,
}: {
  headerBytes: Uint8Array;
  frames: readonly Uint8Array[];
}) => [headerBytes, ...frames].map((frame) => Buffer.from(frame).toString("base64"));

function expectRead(payloads: Record<string, Serialized>): void {
  const expected: Record<string, unknown> = {
    scalars: [null, true, 1, 2n ** 60n, 1.5, "text", Buffer.from("bytes"), Buffer.from("more")],
    nested: new Map<unknown, unknown>([
      ["a", [1, 2]],
      ["b", { c: new Set([1, 2]) }],
      [3, "x"],
    ]),
    f8: Float64Array.of(0, 1, 2, 3, 4, 5),
    i8: BigInt64Array.of(0n, 1n, 2n),
    u1: Uint8Array.of(1, 255),
    matrix: { data: Float64Array.of(0, 1, 2, 3, 4, 5), shape: [2, 3], dtype: "float64" },
    fortran: { data: Int32Array.of(0, 2, 1, 3), shape: [2, 2], dtype: "int32", strides: [1, 2] },
    strided: Int16Array.of(0, 3, 6, 9),
    broadcast: { data: Float64Array.of(2.5, 2.5, 2.5, 2.5), shape: [2, 2], dtype: "float64" },
    "big-endian": Int32Array.of(0, 1, 2),
    bool: { data: Uint8Array.of(1, 0), shape: [2], dtype: "bool" },
    complex: { data: Float64Array.of(1, 2), shape: [1], dtype: "complex128" },
    text: { data: ["ab", "c"], shape: [2], dtype: "str" },
    empty: { data: new Float64Array(0), shape: [0, 3], dtype: "float64" },
    zero: { data: Float64Array.of(5), shape: [], dtype: "float64" },
    "list-of-arrays": [Float64Array.of(0, 1), Uint8Array.of(0, 1)],
    "dict-of-arrays": { x: Float64Array.of(0, 1), y: "z", n: { deep: Float64Array.of(0) } },
    "numpy-scalars": [1.5, 7, 2n ** 60n, true, "s"],
    dates: ["2024-02-29T12:30:15.250Z", "2024-02-29T10:00Z", "1969-07-20"].map(
      (text) => new Date(text),
    ),
  };
  for (const [name, value] of Object.entries(expected)) {
    expect(readPython(payloads[name]!), name).toStrictEqual(value);
  }
  const large = readPython(payloads.large!) as Float64Array;
  expect(large.buffer).toBe(payloads.large!.frames[0]?.buffer);
  expect(readPython(payloads.opaque!)).toMatchObject({ typeName: "decimal.Decimal" });
  expect(readPython(payloads.frame!)).toMatchObject({ typeName: "pandas.DataFrame" });
  const failed = readPythonException(payloads.fail!, payloads["fail-traceback"]);
  expect(failed).toBeInstanceOf(PythonException);
  expect(failed).toMatchObject({
    name: "ValueError",
    pythonType: "builtins.ValueError",
    args: ["bad", 3],
  });
  expect(failed.message).toBe("('bad', 3)");
  expect(failed.traceback).toMatch(/^Traceback[\s\S]*File "<string>", line 12, in fail$/);
  expect(failed.cause).toMatchObject({ name: "ZeroDivisionError", message: "division by zero" });
  const own = readPythonException(payloads.own!, payloads["own-traceback"]);
  expect(own).toMatchObject({ name: "Own", message: "mine" });
}

const toPython = {
  scalars: [null, true, 1, -0.5, 2n ** 70n, "text", Buffer.from("b"), undefined],
  nested: { a: [1, { b: new Set([1]) }], m: new Map([[1, 2]]) },
  f8: Float64Array.of(1, 2),
  f4: new Float32Array(2000),
  clamped: Uint8ClampedArray.of(7),
  bytes: Buffer.from("raw"),
  matrix: { data: Int32Array.of(1, 2, 3, 4), shape: [2, 2] },
  fortran: { data: Int32Array.of(1, 2, 3, 4), shape: [2, 2], strides: [1, 2] },
  bool: { data: Uint8Array.of(1, 0), shape: [2], dtype: "bool" },
  arrays: [Uint8Array.of(9), new Float32Array(0)],
  date: new Date("2024-02-29T12:30:15.250Z"),
  error: new TypeError("no"),
};

const zeros = `[${Array.from({ length: 2000 }, () => "0.0").join(", ")}]`;
const inPython = {
  scalars: [
    ...["NoneType None", "bool True", "int 1", "float -0.5", `int ${2n ** 70n}`, "str 'text'"],
    ...["bytes b'b'", "NoneType None"],
  ],
  nested: { a: ["int 1", { b: "set {1}" }], m: { 1: "int 2" } },
  f8: "<f8 [1.0, 2.0] C True",
  f4: `<f4 ${zeros} C True`,
  clamped: "|u1 [7] C True",
  bytes: "bytes b'raw'",
  matrix: "<i4 [[1, 2], [3, 4]] C True",
  fortran: "<i4 [[1, 3], [2, 4]] F True",
  bool: "|b1 [True, False] C True",
  arrays: ["|u1 [9] C True", "<f4 [] C True"],
  inside: { m: "Decimal Decimal('2.5')", n: ["Decimal Decimal('2.5')"] },
  date: "datetime datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=datetime.timezone.utc)",
  error: "TypeError TypeError('no')",
  whole: "Decimal Decimal('1.10')",
};
