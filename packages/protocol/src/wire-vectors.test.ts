// Goal: what Python's own dask writes is read as what it says, and written back byte for byte.
// Method: vectors recorded from distributed.protocol.dumps, their meaning given as Python reprs.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parsePythonRepr } from "./fixtures/python-repr.js";
import { FrameParser, frameHeader } from "./frames.js";
import { Pickled, Serialized } from "./serialized.js";
import { decodeMessage, encodeMessage } from "./wire-codec.js";

interface LongFrame {
  readonly len: number;
  readonly sha256: string;
}

interface Vector {
  readonly name: string;
  readonly frames: readonly (string | LongFrame)[];
  readonly frame0_msgpack_repr: string;
  readonly sub_headers?: readonly { readonly frame: number; readonly header_repr: string }[];
  readonly tcp_stream_hex?: string;
}

const file = new URL("./fixtures/wire-vectors.json", import.meta.url);
const vectors: readonly Vector[] = JSON.parse(readFileSync(file, "utf8")).vectors;

// JavaScript has one number type, so a float that is whole goes out as an integer, which Python
// holds equal; and an enum member is read as its name, which is all that peers look at.
const notByteIdentical = new Map([
  ["numbers", "floats 0.0 and 1.0"],
  ["task_erred_stream", "floats 1.0 and 2.0 in startstops"],
  ["task_finished", "floats 1.0 and 2.0 in startstops"],
  ["enum", "the member is read as its name"],
]);

// A frame recorded only by its hash is stood in for by zeros: codec and framing do not look at it.
function bytesOf(frame: string | LongFrame): Uint8Array {
  if (typeof frame !== "string") return new Uint8Array(frame.len);
  return new Uint8Array(Buffer.from(frame, "hex"));
}

interface Payload {
  readonly kind: string;
  readonly header: unknown;
  readonly frames: readonly Uint8Array[];
}

function expected(value: unknown, vector: Vector): unknown {
  if (Array.isArray(value)) return value.map((item) => expected(item, vector));
  if (!(value instanceof Map)) return value;
  if (value.has("__Set__")) return new Set(value.get("as-list") as unknown[]);
  if (value.has("__Enum__")) return value.get("name");
  for (const kind of ["Serialized", "Pickled"]) {
    const place: unknown = value.get(`__${kind}__`);
    if (typeof place === "number") return expectedPayload(kind, place, vector);
  }
  return new Map([...value].map(([key, item]) => [key, expected(item, vector)]));
}

function expectedPayload(kind: string, place: number, vector: Vector): Payload {
  const { header_repr } = vector.sub_headers!.find(({ frame }) => frame === place)!;
  const header = parsePythonRepr(header_repr) as Map<string, unknown>;
  const end = place + 1 + (header.get("num-sub-frames") as number);
  return { kind, header, frames: vector.frames.slice(place + 1, end).map(bytesOf) };
}

function opened(value: unknown): unknown {
  if (value instanceof Serialized || value instanceof Pickled) {
    const kind = value instanceof Serialized ? "Serialized" : "Pickled";
    return { kind, header: value.header, frames: value.frames };
  }
  if (Array.isArray(value)) return value.map(opened);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, opened(item)]));
  return value;
}

test("all 41 vectors are there", () => {
  expect(vectors).toHaveLength(41);
});

test.each(vectors.map((vector) => [vector.name, vector] as const))(
  "%s is understood",
  (_, vector) => {
    const message = decodeMessage(vector.frames.map(bytesOf));
    expect(opened(message)).toEqual(expected(parsePythonRepr(vector.frame0_msgpack_repr), vector));
  },
);

test("all are written back byte for byte, but for the known exceptions", () => {
  const different = vectors.filter((vector) => {
    const frames = vector.frames.map(bytesOf);
    const again = encodeMessage(decodeMessage(frames) as object);
    if (again.length !== frames.length) return true;
    return !again.every((frame, i) => Buffer.compare(frame, frames[i]!) === 0);
  });
  expect(different.map(({ name }) => name).sort()).toEqual([...notByteIdentical.keys()].sort());
});

test.each(
  vectors.filter((vector) => vector.tcp_stream_hex).map((vector) => [vector.name, vector] as const),
)("%s is framed as Python frames it", (_, vector) => {
  const stream = Buffer.from(vector.tcp_stream_hex!, "hex");
  const frames = vector.frames.map(bytesOf);
  expect(Buffer.concat([frameHeader(frames), ...frames]).toString("hex")).toBe(
    stream.toString("hex"),
  );
  const messages: Uint8Array[][] = [];
  const parser = new FrameParser({ onMessage: (message) => messages.push(message) });
  parser.push(stream);
  parser.end();
  expect(messages).toEqual([frames]);
});
