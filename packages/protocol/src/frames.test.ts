// Goal: any split of the byte stream gives the same messages, and no header makes the parser
// allocate more than its limits say. Method: properties over splits, hostile headers by hand.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAcmeError } from "./errors.js";
import { FrameParser, frameHeader } from "./frames.js";
import { smallFrameBytes } from "./limits.js";

function streamOf(messages: readonly (readonly Uint8Array[])[]): Uint8Array {
  const parts = messages.flatMap((frames) => [frameHeader(frames), ...frames]);
  return new Uint8Array(Buffer.concat(parts));
}

function collect(options: { allocate?: (byteLength: number) => Uint8Array } = {}) {
  const messages: Uint8Array[][] = [];
  const parser = new FrameParser({ ...options, onMessage: (frames) => messages.push(frames) });
  return { messages, parser };
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setBigUint64(8 * i, BigInt(value), true);
  return bytes;
}

const frame = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: smallFrameBytes - 1, max: smallFrameBytes + 300 })
      .map((length) => new Uint8Array(length).fill(length % 251)),
  },
);
// Strings compare a hundred times faster than large byte arrays do.
function texts(messages: readonly (readonly Uint8Array[])[]): string[][] {
  return messages.map((frames) => frames.map((bytes) => Buffer.from(bytes).toString("latin1")));
}

const someMessages = fc.array(fc.array(frame, { minLength: 1, maxLength: 6 }), { maxLength: 5 });

test("any split of the stream gives the same messages", () => {
  fc.assert(
    fc.property(someMessages, fc.array(fc.integer({ min: 1, max: 70_000 })), (sent, cuts) => {
      const stream = streamOf(sent);
      const { messages, parser } = collect();
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        const chunk = stream.slice(at, at + cut);
        parser.push(chunk);
        chunk.fill(0xee);
        at += cut;
      }
      parser.end();
      expect(texts(messages)).toEqual(texts(sent));
    }),
  );
});

test("byte by byte gives the same messages", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1 })), (sent) => {
      const { messages, parser } = collect();
      for (const byte of streamOf(sent)) parser.push(Uint8Array.of(byte));
      parser.end();
      expect(messages).toEqual(sent);
    }),
    { numRuns: 30 },
  );
});

test("a large frame is filled in place, in memory of the allocator's choice", () => {
  const sizes: number[] = [];
  const allocate = (byteLength: number) => {
    sizes.push(byteLength);
    return new Uint8Array(new SharedArrayBuffer(byteLength));
  };
  const large = new Uint8Array(300_000).map((_, i) => i % 251);
  const sent = [Uint8Array.of(1), large, Uint8Array.of(2, 3)];
  const stream = streamOf([sent]);
  const { messages, parser } = collect({ allocate });
  parser.push(stream.subarray(0, 50_000));
  for (let at = 50_000; at < stream.length; ) {
    const target = parser.want();
    const count = Math.min(target?.length ?? 10, 60_000, stream.length - at);
    const bytes = stream.subarray(at, at + count);
    if (target === undefined) {
      parser.push(bytes);
    } else {
      target.set(bytes);
      parser.filled(count);
    }
    at += count;
  }
  expect(sizes).toEqual([300_000]);
  expect(messages).toHaveLength(1);
  expect(messages[0]![1]!.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(messages[0]!.map((bytes) => Buffer.compare(bytes, sent.shift()!))).toEqual([0, 0, 0]);
});

test("nothing is wanted directly while small frames or lengths are due", () => {
  const { parser } = collect();
  expect(parser.want()).toBeUndefined();
  parser.push(streamOf([[new Uint8Array(100)]]).subarray(0, 60));
  expect(parser.want()).toBeUndefined();
});

describe("a hostile header is refused before memory is spent", () => {
  const cases: [string, Uint8Array, string][] = [
    ["too many frames", words(0, 2 ** 40), "framesPerMessage"],
    ["a count of 2^63", new Uint8Array(16).fill(0x80, 15), "framesPerMessage"],
    ["a frame of 2^50 bytes", words(0, 2, 1, 2 ** 50), "frameBytes"],
    ["a document of 2^31 bytes", words(0, 1, 2 ** 31), "documentBytes"],
    ["a message of 17 times 4 GiB", words(0, 99, 1, ...Array(17).fill(2 ** 32)), "messageBytes"],
    ["another protocol", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n"), "framesPerMessage"],
  ];
  test.each(cases)("%s", (_, bytes, limit) => {
    const allocate = () => expect.fail("allocated");
    const { parser } = collect({ allocate });
    expect(() => parser.push(bytes)).toThrow(
      expect.objectContaining({ code: "LIMIT_EXCEEDED", limit }),
    );
    expect(() => parser.push(Uint8Array.of(0))).toThrow("found broken");
    parser.end();
  });

  test("a message without frames", () => {
    expect(() => collect().parser.push(words(8, 0))).toThrow("no frames");
  });
});

test("messages before a fault are delivered, and a cut stream is reported", () => {
  const good = streamOf([[Uint8Array.of(7)]]);
  const { messages, parser } = collect();
  expect(() => parser.push(Buffer.concat([good, words(8, 0)]))).toThrow("no frames");
  expect(messages).toEqual([[Uint8Array.of(7)]]);
  const cut = collect();
  cut.parser.push(good.subarray(0, good.length - 1));
  expect(() => cut.parser.end()).toThrow("ended inside a message");
});

test("random bytes never crash the parser", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
      const { parser } = collect({ allocate: () => expect.fail("allocated") });
      try {
        for (const chunk of chunks) parser.push(chunk);
        parser.end();
      } catch (error) {
        if (!isAcmeError(error)) throw error;
      }
    }),
  );
});

test("lengths beyond 32 bits are written in full", () => {
  const huge = { byteLength: 2 ** 33 + 5 } as Uint8Array;
  const view = new DataView(frameHeader([huge]).buffer);
  expect(view.getBigUint64(16, true)).toBe(2n ** 33n + 5n);
  expect(view.getBigUint64(0, true)).toBe(2n ** 33n + 5n + 16n);
});
