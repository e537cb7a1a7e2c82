// Python's answers about graphs: whole ones are read, in however many pieces they come, and whatever
// is cut, changed or made up is refused.
import { encodeMessage } from "@acme/protocol";
import { expect, it } from "vitest";
import { PythonError } from "../errors.js";
import { AnswerReader } from "./answer-reader.js";
import { PythonHelper } from "./kept-process.js";
import { headOfPieces, splitPieces } from "./pieces.js";
import { UnfoldedReader } from "./unfolded-graph.js";

const joined = (pieces: Uint8Array[]): Uint8Array =>
  Buffer.concat([headOfPieces(pieces), ...pieces]);
const packed = (value: object): Uint8Array => encodeMessage(value)[0] as Uint8Array;
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

const columns = packed({
  token: 7,
  keys: ["a", ["b", 1], "c"],
  external: ["x"],
  offsets: words(0, 0, 1, 3),
  indices: words(0, 1, 3),
  ranks: null,
  producers: Uint8Array.of(1, 0, 0),
  annotations: [packed({ retries: 2 })],
  annotation_of: new Uint8Array(Int32Array.of(-1, 0, -1).buffer),
});
const buffer = Buffer.from("large");
const first = joined([
  columns,
  packed({ done: false, buffers_of: new Map([[1, [0]]]) }),
  words(0, 2, 5),
  Buffer.from("aabbb"),
  buffer,
]);
const second = joined([
  packed({ done: true, buffers_of: new Map([[0, [0]]]) }),
  words(0, 1),
  Buffer.from("c"),
]);

it("puts the answers about a graph together", () => {
  const reader = new UnfoldedReader();
  expect(reader.take(first)).toEqual({ token: 7 });
  const graph = reader.take(second);
  expect(graph).toMatchObject({ keys: ["a", expect.any(String), "c"], externals: ["x"] });
  if (!("slabs" in graph)) throw new Error("no graph");
  expect([...(graph.rows?.indices ?? [])]).toEqual([0, 1, 3]);
  expect([...(graph.annotationOf ?? [])]).toEqual([-1, 0, -1]);
  expect(graph.annotations).toEqual([new Map([["retries", 2]])]);
  expect(graph.slabs.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["aabbb", "c"]);
  const shared = graph.slabs.map(({ buffers }) => [...(buffers?.values() ?? [])].flat()[0]);
  expect(shared[0]).toBe(shared[1]);
});

it("hands on the exception that a user's code raised", () => {
  const exception = Buffer.from("pickle");
  const answer = joined([packed({ error: "ValueError: no", exception, traceback: null })]);
  expect(new UnfoldedReader().take(answer)).toMatchObject({
    error: "ValueError: no",
    traceback: null,
  });
});

it("refuses what is cut off or made up", () => {
  for (let length = 0; length < first.length; length++) {
    expect(() => new UnfoldedReader().take(first.subarray(0, length))).toThrow(PythonError);
  }
  const made = [
    [columns, packed({ done: true }), words(0, 9), Buffer.from("aa")],
    [columns, packed({ done: true }), words(0, 2, 1), Buffer.from("aa")],
    [
      columns,
      packed({ done: true, buffers_of: new Map([[0, [5]]]) }),
      words(0, 1),
      Buffer.from("a"),
    ],
    [columns, packed({ done: true }), words(0, 1), Buffer.from("a")],
    [packed({ gone: true })],
  ];
  for (const pieces of made) {
    expect(() => new UnfoldedReader().take(joined(pieces))).toThrow(PythonError);
  }
  const many = Buffer.alloc(4);
  many.writeUInt32LE(2 ** 31);
  expect(() => splitPieces(many)).toThrow(PythonError);
});

it("cuts a stream into answers, wherever its chunks end", () => {
  const size = (bytes: Uint8Array) => Buffer.from(BigUint64Array.of(BigInt(bytes.length)).buffer);
  const stream = Buffer.concat([size(first), first, size(buffer), buffer, Buffer.alloc(8)]);
  for (const step of [1, 7, 100, stream.length]) {
    const answers: Uint8Array[] = [];
    const reader = new AnswerReader((answer) => answers.push(answer));
    for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, at + step));
    expect(answers.map((one) => one.length)).toEqual([first.length, buffer.length, 0]);
    expect(Buffer.from(answers[0] as Uint8Array).equals(first)).toBe(true);
  }
  const endless = new AnswerReader(() => {});
  expect(() => endless.push(Buffer.alloc(8, 0xff))).toThrow(PythonError);
});

it("says why there is no helper, and does not try all the time", async () => {
  const helper = new PythonHelper("/no/such/python");
  await expect(helper.versions()).rejects.toThrow("cannot be started");
  const again = helper.versions();
  await expect(again).rejects.toThrow("/no/such/python");
  helper.close();
});
