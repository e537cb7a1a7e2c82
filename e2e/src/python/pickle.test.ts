// Our reader and writer against Python's: what Python pickled in any protocol it gets back, read and
// written by us, and finds it equal.
import { execFileSync } from "node:child_process";
import { readPickle, writePickle } from "@acme/python";
import { expect, it } from "vitest";
import { install } from "../../bench/incumbent.js";
import { skipWithReason } from "../skip-with-reason.js";

const program = `
import base64, collections, datetime, decimal, enum, fractions, functools, json, operator, pathlib
import pickle, re, sys, uuid
import numpy

shared = [1, 2]
values = [
    None, True, False, 0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1,
    2**53, 2**63, -2**63, 2**64, 10**400, -10**400, 0.0, 1.5, -2.25, 1e300, float("inf"),
    "", "a", "x" * 255, "x" * 256, "x" * 70000, "\\u00e4\\U0001f600", "\\ud800 half", "\\ufffd",
    b"", b"abc", bytes(range(256)), bytes(70000), bytearray(b"abc"), bytearray(300),
    (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], list(range(2500)), [[], [[]]],
    {}, {"a": 1}, {i: str(i) for i in range(2500)}, {(1, 2): [3]}, {1.5: None, b"k": "v"},
    set(), {1}, set(range(2500)), frozenset(), frozenset({"a", 2}),
    [shared, shared], {"x": shared, "y": (shared,)},
    range(10), slice(1, None, 2), complex(1, -2), len, dict, numpy.float64, operator.add,
    datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, datetime.timezone.utc),
    datetime.date(1969, 7, 20), datetime.timedelta(days=-1, microseconds=5),
    decimal.Decimal("1.10"), fractions.Fraction(1, 3), uuid.UUID(int=5), pathlib.PurePosixPath("/a"),
    re.IGNORECASE, collections.OrderedDict(a=1), collections.deque([1, 2], 5),
    collections.Counter("hello"), collections.defaultdict(list, a=[1]),
    functools.partial(int, base=2), operator.methodcaller("upper"), operator.itemgetter(1, 2),
    ValueError("no", 3), OSError(2, "gone", "file"), KeyError("k"),
    numpy.float64(1.5), numpy.int8(-3), numpy.bool_(True), numpy.datetime64("2024-01-01"),
    numpy.arange(12.0).reshape(3, 4), numpy.asfortranarray(numpy.arange(6).reshape(2, 3)),
    numpy.array(["a", "bc"]), numpy.array([{"a": 1}, None], dtype=object),
    numpy.zeros(3, dtype=[("x", "<i4"), ("y", "<f8")]), numpy.arange(10)[::2], numpy.array(5),
]


def same(a, b):
    if isinstance(a, numpy.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all())
    if isinstance(a, BaseException):
        return type(a) is type(b) and a.args == b.args
    if isinstance(a, (functools.partial, operator.methodcaller, operator.itemgetter)):
        return repr(a) == repr(b)
    if isinstance(a, bytearray):
        return a == b
    return type(a) is type(b) and a == b or isinstance(a, float) and a == b


def dumped(value, protocol):
    buffers = []
    callback = buffers.append if protocol == 5 else None
    data = pickle.dumps(value, protocol, buffer_callback=callback)
    return {"pickle": encode(data), "buffers": [encode(b.raw()) for b in buffers]}


def encode(data):
    return base64.b64encode(data).decode()


if sys.argv[1] == "dump":
    print(json.dumps([[dumped(v, p) for p in range(2, 6)] for v in values]))
else:
    wrong = []
    decode = base64.b64decode
    for value, pickles in zip(values, json.load(sys.stdin), strict=True):
        for protocol, each in zip(range(2, 6), pickles, strict=True):
            back = pickle.loads(decode(each["pickle"]), buffers=map(decode, each["buffers"]))
            if not same(value, back):
                wrong.append(f"{protocol}: {value!r:.80} came back as {back!r:.80}")
    print(json.dumps(wrong))
`;

interface Sent {
  readonly pickle: string;
  readonly buffers: readonly string[];
}

it("gives Python back what it pickled", { timeout: 300_000 }, (context) => {
  let python = "";
  try {
    ({ python } = install("python", ["dask", "distributed", "numpy", "pandas", "pyarrow"]));
  } catch (error) {
    skipWithReason(context, "numpy cannot be installed here", error);
  }
  const run = (mode: string, input = "") =>
    JSON.parse(
      execFileSync(python, ["-c", program, mode], { input, maxBuffer: 2 ** 28 }).toString(),
    );
  const sent: Sent[][] = run("dump");
  expect(sent.length).toBeGreaterThan(90);
  const back = sent.map((pickles) => pickles.map(throughOurs));
  expect(run("load", JSON.stringify(back))).toEqual([]);
});

function throughOurs({ pickle, buffers }: Sent): Sent {
  const node = readPickle(
    Buffer.from(pickle, "base64"),
    buffers.map((text) => Buffer.from(text, "base64")),
  );
  const written = writePickle(node);
  return { pickle: Buffer.from(written.bytes).toString("base64"), buffers: [] };
}
