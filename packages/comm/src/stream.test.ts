// Streams: arrays of one turn, order, payloads, the ways to end.
import {
  decodeMessage,
  encodeMessage,
  Serialized,
  WireFormatError,
  type WireMap,
} from "@acme/protocol";
import { describe, expect, it } from "vitest";
import { connectedPair, type PairOptions } from "./fixtures/pair.js";
import { Stream } from "./stream.js";
import { StreamBatch } from "./stream-batch.js";
import type { CloseInfo, CommLogEntry } from "./types.js";

interface End {
  stream: Stream;
  batches: WireMap[][];
  closed: Promise<CloseInfo>;
}

async function streams(options?: PairOptions) {
  const { near, far } = await connectedPair("tcp://127.0.0.1:0", options);
  const log: CommLogEntry[] = [];
  const end = (connection: typeof near): End => {
    const batches: WireMap[][] = [];
    let onClose!: (info: CloseInfo) => void;
    const closed = new Promise<CloseInfo>((resolve) => {
      onClose = resolve;
    });
    const onBatch = (messages: WireMap[]): void => void batches.push(messages);
    const onLog = (entry: CommLogEntry): void => void log.push(entry);
    return { stream: new Stream(connection, { onBatch, onClose, onLog }), batches, closed };
  };
  return { near: end(near), far: end(far), log };
}

const numbers = (end: End): unknown[] => end.batches.flat().map((message) => message.get("i"));

describe("Stream", () => {
  it("sends the messages of one turn as one array and delivers them as one batch", async () => {
    const { near, far } = await streams();
    const before = near.stream.connection.counters.messagesSent;
    for (let i = 0; i < 1000; i++) near.stream.push({ op: "x", i });
    near.stream.pushAll([
      { op: "x", i: 1000 },
      { op: "x", i: 1001 },
    ]);
    near.stream.push({ op: "x", i: 1002 });
    await expect.poll(() => numbers(far)).toEqual(Array.from({ length: 1003 }, (_, i) => i));
    expect(near.stream.connection.counters.messagesSent - before).toBe(1);
    expect(far.batches.length).toBe(1);
  });

  it("lets late messages leave with the next ones, in order", async () => {
    const { near, far } = await streams();
    const before = near.stream.connection.counters.messagesSent;
    near.stream.pushLate([{ op: "x", i: 0 }]);
    near.stream.pushLate([{ op: "x", i: 1 }]);
    near.stream.send([{ op: "x", i: 2, data: new Serialized({}, [Buffer.from("value")]) }]);
    near.stream.pushLate([{ op: "x", i: 3 }]);
    near.stream.push({ op: "x", i: 4 });
    await expect.poll(() => numbers(far)).toEqual([0, 1, 2, 3, 4]);
    expect(near.stream.connection.counters.messagesSent - before).toBe(2);
    expect(far.batches.length).toBeLessThanOrEqual(2);
  });

  it("sends late messages by themselves, and with the end of the stream", async () => {
    const { near, far } = await streams();
    for (let i = 0; i < 3; i++) {
      near.stream.pushLate([{ op: "x", i }]);
      await expect.poll(() => numbers(far).length).toBe(i + 1);
    }
    near.stream.pushLate([{ op: "x", i: 3 }]);
    await near.stream.close();
    await far.closed;
    expect(numbers(far)).toEqual([0, 1, 2, 3, undefined]);
  });

  it("keeps the order between messages with payloads and without", async () => {
    const { near, far } = await streams();
    for (let i = 0; i < 50; i++) {
      const frames = Array.from({ length: i % 4 }, (_, j) => Buffer.from(`${i}.${j}`));
      near.stream.push({ op: "x", i, data: i % 3 === 0 ? new Serialized({}, frames) : null });
    }
    await expect.poll(() => numbers(far).length).toBe(50);
    for (const message of far.batches.flat()) {
      const i = message.get("i") as number;
      const data = message.get("data");
      if (i % 3 !== 0) expect(data).toBe(null);
      else {
        const texts = (data as Serialized).frames.map((frame) => Buffer.from(frame).toString());
        expect(texts).toEqual(Array.from({ length: i % 4 }, (_, j) => `${i}.${j}`));
      }
    }
  });

  it("throws for a message without wire form and queues nothing of it", async () => {
    const { near, far } = await streams();
    near.stream.push({ op: "x", i: 0 });
    expect(() => near.stream.push({ op: "x", i: undefined })).toThrow(WireFormatError);
    expect(() =>
      near.stream.pushAll([
        { op: "x", i: 1 },
        { op: "x", f: () => 1 },
      ]),
    ).toThrow(WireFormatError);
    near.stream.push({ op: "x", i: 2 });
    await expect.poll(() => numbers(far)).toEqual([0, 2]);
  });

  it("forwards an array that was encoded once, by reference", async () => {
    const { near, far } = await streams();
    const frames = encodeMessage([
      { op: "x", i: 0 },
      { op: "x", i: 1 },
    ]);
    near.stream.pushEncoded(frames, 2);
    near.stream.push({ op: "x", i: 2 });
    far.stream.pushEncoded(frames, 2);
    await expect.poll(() => numbers(far)).toEqual([0, 1, 2]);
    await expect.poll(() => numbers(near)).toEqual([0, 1]);
  });

  it("ends with close-stream after everything pushed before has arrived", async () => {
    const { near, far } = await streams();
    for (let i = 0; i < 100; i++) near.stream.push({ op: "x", i });
    await near.stream.close({ reason: "work is done" });
    expect(await far.closed).toEqual({ by: "peer", reason: "the peer closed the stream" });
    expect(await near.closed).toEqual({ by: "us", reason: "work is done" });
    expect(far.batches.flat().at(-1)?.get("op")).toBe("close-stream");
    expect(numbers(far).length).toBe(101);
    expect(far.stream.isOpen).toBe(false);
    far.stream.push({ op: "too late" });
  });

  it("tells when the peer just vanishes", async () => {
    const { near, far } = await streams();
    near.stream.connection.abort();
    expect((await far.closed).by).not.toBe("us");
  });

  it("ends an array at a bare OK and takes a single map as well", async () => {
    const { near, far } = await streams();
    near.stream.connection.send([{ op: "x", i: 0 }, "OK", { op: "x", i: 1 }]);
    near.stream.connection.send("OK");
    near.stream.connection.send({ op: "x", i: 2 });
    await expect.poll(() => numbers(far)).toEqual([0, 2]);
  });

  it.each([[7], [["text"]], [{ i: 1 }], [[{ op: null }]]])("refuses %j", async (odd) => {
    const { near, far, log } = await streams();
    near.stream.connection.send([{ op: "x", i: 0 }]);
    near.stream.connection.send(odd as object);
    await far.closed;
    expect(numbers(far)).toEqual([0]);
    expect(log.map((entry) => entry.event)).toEqual(["odd-message"]);
  });

  it("closes itself when the peer does not read, with the limit's name", async () => {
    const { near, far } = await streams({ near: { limits: { queuedBytes: 2 ** 20 } } });
    far.stream.connection.pause();
    for (let i = 0; i < 10_000 && near.stream.isOpen; i++) {
      near.stream.push({ op: "x", text: "y".repeat(10_000) });
      await new Promise(setImmediate);
    }
    expect((await near.closed).error).toMatchObject({ limit: "queuedBytes" });
  });
});

describe("StreamBatch", () => {
  const decoded = (batch: StreamBatch): unknown => decodeMessage(batch.takeFrames());

  it.each([1, 15, 16, 65_535, 65_536])("joins %i messages under the right header", (count) => {
    const batch = new StreamBatch();
    for (let i = 0; i < count; i++) batch.add(encodeMessage(i));
    const whole = new StreamBatch();
    whole.addArray(encodeMessage(Array.from({ length: count }, (_, i) => i)), count);
    whole.add(encodeMessage("last"));
    const expected = Array.from({ length: count }, (_, i) => i);
    expect(decoded(batch)).toEqual(expected);
    expect(decoded(whole)).toEqual([...expected, "last"]);
  });

  it("does not copy a lone array", () => {
    const batch = new StreamBatch();
    const frames = encodeMessage([1, 2]);
    batch.addArray(frames, 2);
    expect(batch.takeFrames()).toBe(frames);
    expect(batch.count).toBe(0);
  });

  it("asks to be sent before a second part with payloads", () => {
    const batch = new StreamBatch();
    const part = encodeMessage({ data: new Serialized({}, []) });
    expect(batch.add(encodeMessage(1))).toBe(true);
    expect(batch.add(part)).toBe(true);
    expect(batch.add(part)).toBe(false);
    expect(batch.add(encodeMessage(2))).toBe(true);
    expect((decoded(batch) as unknown[]).length).toBe(3);
  });
});
