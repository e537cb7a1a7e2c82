// Goal: a payload that is only forwarded is neither decoded nor changed by a byte.
import { expect, test } from "vitest";
import { Pickled, Serialized } from "./serialized.js";
import { decodeMessage, encodeMessage } from "./wire-codec.js";

test("a header is made of fields or a Map, and counts its frames", () => {
  const frames = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  for (const fields of [{ serializer: "pickle" }, new Map([["serializer", "pickle"]])]) {
    const payload = new Serialized(fields, frames);
    expect([...payload.header]).toEqual([
      ["serializer", "pickle"],
      ["num-sub-frames", 2],
    ]);
    expect(payload.nbytes).toBe(3);
  }
});

test("a received header is re-sent as it came and decoded only when asked for", () => {
  const odd = Uint8Array.from([
    ...[0x82, 0xae, ...Buffer.from("num-sub-frames"), 0xcc, 1],
    ...[0xa1, 0x78, 0xd4, 1, 1],
  ]);
  const [document] = encodeMessage({ data: { __Serialized__: 1 } });
  expect(() => decodeMessage([document!, odd, Uint8Array.of(9)])).toThrow("does not use");

  const wide = Uint8Array.from([0x81, 0xae, ...Buffer.from("num-sub-frames"), 0xce, 0, 0, 0, 1]);
  const message = decodeMessage([document!, wide, Uint8Array.of(9)]);
  const payload = (message as ReadonlyMap<string, Serialized>).get("data")!;
  expect(payload.headerBytes).toBe(wide);
  expect(encodeMessage({ other: 1, data: payload })[1]).toBe(wide);
  expect(payload.header.get("num-sub-frames")).toBe(1);
});

test("offsets are given anew on every way out", () => {
  const a = Serialized.acme([Uint8Array.of(1), Uint8Array.of(2)]);
  const b = Pickled.of(Uint8Array.of(0x80), [Uint8Array.of(3)]);
  const frames = encodeMessage({ b, list: [a, b] });
  expect(frames).toHaveLength(1 + 2 + 3 + 2);
  const message = decodeMessage(frames) as ReadonlyMap<string, unknown>;
  const [first, second] = message.get("list") as [Serialized, Pickled];
  expect(first.isAcme).toBe(true);
  expect(first.frames).toEqual(a.frames);
  expect(second.pickle).toEqual(Uint8Array.of(0x80));
  expect(second.nbytes).toBe(b.headerBytes.length + 1);
});

test("a header that cannot be sent is refused, also in the midst of a message", () => {
  const bad = new Serialized({ serializer: new Date(0) }, []);
  expect(() => encodeMessage({ a: "x", bad })).toThrow("cannot be sent");
  const good = Serialized.acme([]);
  expect(encodeMessage({ a: "x", good, z: 1 })).toHaveLength(2);
});

test("a pickled payload without a pickle says so", () => {
  expect(() => new Pickled({}, []).pickle).toThrow("pickled-obj");
});
