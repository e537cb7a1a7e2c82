// Goal: payloads recorded from dask are opened as their headers tell; contradictions are refused.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { Serialized } from "./serialized.js";
import { type Inflate, logicalFrames, openPayload } from "./subframes.js";
import { decodeMessage } from "./wire-codec.js";

const file = new URL("./fixtures/wire-vectors.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as {
  vectors: { name: string; frames: string[] }[];
};

function recorded(name: string): Serialized {
  const { frames } = vectors.find((vector) => vector.name === name)!;
  const message = decodeMessage(frames.map((hex) => new Uint8Array(Buffer.from(hex, "hex"))));
  return (message as ReadonlyMap<string, Serialized>).get("data")!;
}

const inflate: Inflate = (compression, bytes, maxOutputLength) => {
  expect(compression).toBe("zlib");
  return inflateSync(bytes, { maxOutputLength: Math.min(maxOutputLength, 2 ** 31) });
};

test("split frames are put together", () => {
  const payload = recorded("serialize_split");
  expect(payload.frames).toHaveLength(3);
  const frames = logicalFrames(payload);
  expect(frames).toHaveLength(1);
  expect(Buffer.from(frames[0]!)).toEqual(Buffer.concat([...payload.frames]));
});

test("zlib is undone by the function handed in, and refused without", () => {
  const payload = recorded("serialize_zlib");
  const [frame] = logicalFrames(payload, inflate);
  expect(frame!.length).toBeGreaterThan(900_000);
  expect(frame!.every((byte) => byte === 0)).toBe(true);
  expect(() => logicalFrames(payload)).toThrow("compressed with zlib");
});

test("whole frames are given by reference", () => {
  const payload = recorded("serialize_bytes");
  expect(logicalFrames(payload)[0]).toBe(payload.frames[0]);
});

test("collections are taken apart", () => {
  const part = openPayload(recorded("serialize_dict_mixed"));
  expect(part).toMatchObject({ type: "collection", collection: "dict", keys: ["a", "b"] });
  if (part.type !== "collection") return;
  expect(part.items.map((item) => item.type === "value" && item.serializer)).toEqual([
    "dask",
    "pickle",
  ]);
});

test("msgpack values are decoded, and errors raised", () => {
  expect(openPayload(recorded("serialize_msgpack_family"))).toEqual({
    type: "collection",
    collection: "dict",
    keys: ["a"],
    items: [
      {
        type: "collection",
        collection: "list",
        keys: [],
        items: [
          { type: "msgpack", value: 1 },
          { type: "msgpack", value: 2 },
        ],
      },
    ],
  });
  const wanted = expect.objectContaining({ code: "UNSERIALIZABLE" });
  expect(() => openPayload(recorded("serialize_error"))).toThrow(wanted);
});

test("a header that contradicts the frames is refused", () => {
  const frame = Uint8Array.of(1);
  const bad: Record<string, unknown>[] = [
    {},
    { serializer: 5 },
    { serializer: "x", compression: "zlib" },
    { serializer: "x", compression: [7] },
    { serializer: "x", "split-num-sub-frames": [1] },
    { serializer: "x", "split-num-sub-frames": [2], "split-offsets": [0] },
    { serializer: "x", "split-num-sub-frames": [1, 1], "split-offsets": [0, 0] },
    { serializer: "x", "split-num-sub-frames": [-1], "split-offsets": [0] },
    { "is-collection": true },
    { "is-collection": true, "type-serialized": "deque", "sub-headers": [], "frame-lengths": [] },
    { "is-collection": true, "type-serialized": "list", "sub-headers": [], "frame-lengths": [1] },
    { "is-collection": true, "type-serialized": "list", "sub-headers": [1], "frame-lengths": [1] },
    { serializer: "msgpack", "split-num-sub-frames": [], "split-offsets": [] },
  ];
  for (const header of bad) {
    const wanted = expect.objectContaining({ code: "WIRE_FORMAT" });
    expect(() => openPayload(new Serialized(header, [frame])), JSON.stringify(header)).toThrow(
      wanted,
    );
  }
});
