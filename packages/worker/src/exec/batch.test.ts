// What is written into a batch comes out the same, posted as it is or through a pipe in pieces.
import { expect, it } from "vitest";
import { type Batch, BatchWriter, passFrame, shareFrame } from "./batch.js";
import { batchParser, writeBatch } from "./batch-stream.js";
import { type Command, readCommands, writeCommand } from "./commands.js";
import { type Report, readReports, writeReport } from "./reports.js";

const frame = (length: number, from = 1) =>
  Uint8Array.from({ length }, (_, at) => (at + from) % 251);

const commands: Command[] = [
  { type: "learn", template: 7, frames: [frame(3), frame(100), frame(0)] },
  { type: "input", key: "in \ud800 é", form: 1, frames: [frame(64)] },
  {
    type: "run",
    orderId: 2 ** 40,
    cell: -1,
    key: "x",
    template: 7,
    items: [frame(5), frame(200)],
    inputs: [0],
  },
  { type: "cancel", orderId: 2 ** 40 },
  { type: "forget", template: 7 },
];

const reports: Report[] = [
  { type: "ready" },
  {
    type: "ok",
    orderId: 1,
    typename: "number",
    startMs: 0.5,
    stopMs: 1e12,
    form: 0,
    frames: [frame(99)],
  },
  {
    type: "error",
    orderId: 2,
    exceptionText: "Error: é",
    tracebackText: "at x\n",
    startMs: 1,
    stopMs: 2,
    form: 2,
    frames: [frame(1)],
  },
  { type: "rescheduled", orderId: 3 },
  { type: "aborted", orderId: 4 },
  { type: "seceded", orderId: 5 },
  { type: "stray", text: "late" },
  { type: "spoilt" },
];

function written(): Batch {
  const writer = new BatchWriter(passFrame, 100);
  for (const command of commands) writeCommand(writer, command);
  return writer.take();
}

it("keeps commands and reports", () => {
  expect(readCommands(written())).toEqual(commands);
  const writer = new BatchWriter(passFrame, 100);
  for (const report of reports) writeReport(writer, report);
  expect(writer.isEmpty).toBe(false);
  expect(readReports(writer.take())).toEqual(reports);
  expect(writer.isEmpty).toBe(true);
});

it("refuses a batch that ends early", () => {
  const batch = written();
  batch.numbers.pop();
  expect(() => readCommands(batch)).toThrow("fewer numbers");
});

it("shares large frames without copying what is shared already", () => {
  const plain = frame(10);
  const shared = shareFrame(plain);
  expect(shared).toEqual(plain);
  expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shareFrame(shared)).toBe(shared);
});

it("goes through a pipe in pieces of any size", () => {
  const bytes: number[] = [];
  const sink = {
    cork: () => {},
    uncork: () => {},
    write: (chunk: Uint8Array) => bytes.push(...chunk) > 0,
  };
  writeBatch(sink, written());
  writeBatch(sink, written());
  for (const size of [1, 7, 64, 10_000]) {
    const got: Batch[] = [];
    const parser = batchParser((batch) => got.push(batch));
    for (let at = 0; at < bytes.length; at += size) {
      parser.push(Uint8Array.from(bytes.slice(at, at + size)));
    }
    expect(got.map(readCommands)).toEqual([commands, commands]);
  }
});
