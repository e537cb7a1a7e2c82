// Goal: websocket messages are gathered into the frames that were sent, false counts are refused.
import fc from "fast-check";
import { expect, test } from "vitest";
import { WsFrameAssembler, wsFrameCount } from "./ws-frames.js";

test("messages come back as they were sent", () => {
  const some = fc.array(fc.array(fc.uint8Array(), { minLength: 1 }));
  fc.assert(
    fc.property(some, (sent) => {
      const assembler = new WsFrameAssembler();
      const messages = sent
        .flatMap((frames) => [wsFrameCount(frames), ...frames])
        .map((data) => assembler.push(data))
        .filter((frames) => frames !== undefined);
      assembler.end();
      expect(messages).toEqual(sent);
    }),
  );
});

test("a small part of a larger buffer is copied, so that it does not pin it", () => {
  const assembler = new WsFrameAssembler();
  assembler.push(wsFrameCount([new Uint8Array(1)]));
  const frames = assembler.push(new Uint8Array(1000).subarray(5, 9));
  expect(frames![0]!.buffer.byteLength).toBe(4);
});

test("false counts, excess and an early end are refused", () => {
  expect(() => new WsFrameAssembler().push(new Uint8Array(7))).toThrow("frame count of 7 bytes");
  expect(() => new WsFrameAssembler().push(new Uint8Array(8))).toThrow("no frames");
  const count = new Uint8Array(8).fill(0xff);
  expect(() => new WsFrameAssembler().push(count)).toThrow("framesPerMessage");
  const assembler = new WsFrameAssembler({ messageBytes: 10 });
  assembler.push(wsFrameCount([new Uint8Array(6), new Uint8Array(6)]));
  assembler.push(new Uint8Array(6));
  expect(() => assembler.push(new Uint8Array(6))).toThrow("messageBytes");
  expect(() => assembler.end()).toThrow("ended inside a message");
});
