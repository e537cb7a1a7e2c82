// Goal: what is encoded is decoded the same; what has no wire form is refused with its path before
// anything leaves; no bytes whatever crash the decoder. Method: properties, an independent msgpack
// reader and writer as oracle, mutated recordings of dask.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { Packr, Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { isAcmeError } from "./errors.js";
import { wireLimits } from "./limits.js";
import { Pickled, Serialized } from "./serialized.js";
import { decodeMessage, encodeMessage, type WireValue } from "./wire-codec.js";

const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.string({ maxLength: 400 }));
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) - 1n }),
  text,
  fc.uint8Array({ maxLength: 300 }),
);
// Two leading underscores are dask's tags; text keys of messages never begin so otherwise.
const fieldName = text.filter((name) => !name.startsWith("__"));
const payload = fc
  .tuple(fc.boolean(), fc.uint8Array(), fc.array(fc.uint8Array(), { maxLength: 3 }))
  .map(([pickled, pickle, frames]) =>
    pickled ? Pickled.of(pickle, frames) : new Serialized({ serializer: "x", pickle }, frames),
  );
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    payload,
    fc.array(tie("tree"), { maxLength: 20 }),
    fc.uniqueArray(fc.oneof(fc.integer(), fieldName)).map((items) => new Set(items)),
    fc
      .array(fc.tuple(fc.oneof(fieldName, fc.integer(), fc.uint8Array()), tie("tree")), {
        maxLength: 20,
      })
      .map((entries) => new Map(entries as [unknown, unknown][])),
  ),
}));

function plain(value: unknown): unknown {
  if (value instanceof Serialized || value instanceof Pickled) {
    return { type: value.type, header: value.header, frames: value.frames };
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, plain(item)]));
  return value;
}

test("any value comes back as it was sent", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const message = value as WireValue;
      expect(plain(decodeMessage(encodeMessage(message)))).toEqual(plain(message));
    }),
    { numRuns: 400 },
  );
});

test("payloads that are forwarded keep every byte", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const frames = encodeMessage(value as WireValue);
      expect(encodeMessage(decodeMessage(frames))).toEqual(frames);
    }),
  );
});

describe("an independent msgpack agrees", () => {
  // "auto" is missing from msgpackr's types.
  const int64AsType = "auto" as "bigint";
  const options = { useRecords: false, mapsAsObjects: false, int64AsType };
  const unpackr = new Unpackr(options);
  const packr = new Packr({ ...options, variableMapSize: true });
  const { data } = fc.letrec((tie) => ({
    data: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("data"), { maxLength: 40 }),
      fc.array(fc.tuple(fieldName, tie("data")), { maxLength: 40 }).map((e) => new Map(e)),
    ),
  }));

  test("reading what we write", () => {
    fc.assert(
      fc.property(data, (value) => {
        const [document] = encodeMessage(value as WireValue);
        expect(normal(unpackr.unpack(document!))).toEqual(normal(value));
      }),
    );
  });

  test("writing what we read", () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(normal(decodeMessage([packr.pack(value)]))).toEqual(normal(value));
      }),
    );
  });

  // One of the two gives Buffers, which test equality tells from plain bytes.
  function normal(value: unknown): unknown {
    if (value instanceof Uint8Array) return [...value];
    if (Array.isArray(value)) return value.map(normal);
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, normal(item)]));
    return value;
  }
});

describe("whatever has no wire form is refused with its path", () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const cases: [string, unknown, string][] = [
    ["undefined in a field", { op: "x", nanny: undefined }, "message.nanny"],
    ["undefined in an array", [1, [2, undefined]], "message[1][1]"],
    ["a hole in an array", { a: new Array(3) }, "message.a[0]"],
    ["a function", { a: { "b c": () => 1 } }, 'message.a["b c"]'],
    ["a symbol", { a: Symbol("s") }, "message.a"],
    ["a date", new Map([["when", new Date(0)]]), 'message["when"]'],
    ["an error", { exception: new Error("e") }, "message.exception"],
    ["a Float64Array", { data: [new Float64Array(2)] }, "message.data[0]"],
    ["an ArrayBuffer", { data: new ArrayBuffer(2) }, "message.data"],
    ["a DataView", { data: new DataView(new ArrayBuffer(2)) }, "message.data"],
    ["a class instance", { a: new (class Foo {})() }, "message.a"],
    ["a promise", { a: Promise.resolve(1) }, "message.a"],
    ["in a set", { keys: new Set(["a", new Date(0)]) }, "message.keys[1]"],
    ["as a key of a map", new Map([[new Date(0), 1]]), "message.key(object)"],
    ["a 65-bit integer", { n: 2n ** 64n }, "message.n"],
    ["a very negative integer", { n: -(2n ** 63n) - 1n }, "message.n"],
    ["a lone surrogate", { key: "a\ud800b" }, "message.key"],
    ["a lone surrogate in long text", { key: `${"a".repeat(500)}\udc00` }, "message.key"],
  ];
  test.each(cases)("%s", (_, message, path) => {
    const wanted = expect.objectContaining({ code: "WIRE_FORMAT", path });
    expect(() => encodeMessage(message as WireValue)).toThrow(wanted);
    expect(encodeMessage("OK")).toEqual([Uint8Array.of(0xa2, 0x4f, 0x4b)]);
  });

  test("a circular object", () => {
    const wanted = expect.objectContaining({ code: "WIRE_FORMAT" });
    expect(() => encodeMessage(circular)).toThrow(wanted);
  });
});

test("whole numbers stay integers up to 64 bits", () => {
  const [document] = encodeMessage([2 ** 33, -(2 ** 33), 2n ** 63n, 5n]);
  const bytes = Buffer.from(document!).toString("hex");
  expect(bytes).toBe("94d30000000200000000d3fffffffe00000000cf800000000000000005");
});

test("the bounds of whole numbers come back as they were, and as integers", () => {
  const whole = [
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -(2 ** 31) - 1,
    -(2 ** 53),
    2n ** 53n + 1n,
    -(2n ** 63n),
  ];
  const [document] = encodeMessage(whole);
  expect(decodeMessage([document!])).toEqual(whole);
  expect(document!.includes(0xcb)).toBe(false);
  expect(decodeMessage(encodeMessage([-0, 1.5, 2 ** 60, NaN]))).toEqual([0, 1.5, 2 ** 60, NaN]);
});

test("messages that wait to be sent are not overwritten by later ones, of any size", () => {
  const messages = Array.from({ length: 300 }, (_, i) => [i, "x".repeat((i * i * i) % 100_003)]);
  messages.splice(150, 0, [1, "y".repeat(3_000_000)]);
  const queued = messages.map((message) => encodeMessage(message));
  expect(queued.map((frames) => decodeMessage(frames))).toEqual(messages);
  for (const [document] of queued) expect(document!.buffer.byteLength).toBe(document!.length);
});

test("fields named like parts of objects are fields, and subclasses of Map are maps", () => {
  const fields = JSON.parse(
    '{"__proto__":[4294967296],"constructor":5,"toJSON":"x","hasOwnProperty":null,"length":2}',
  );
  class Registry extends Map<string, number> {}
  const message = { fields, registry: new Registry([["a", 1]]), bare: Object.create(null) };
  const decoded = decodeMessage(encodeMessage(message)) as ReadonlyMap<string, unknown>;
  expect(decoded.get("fields")).toEqual(new Map(Object.entries(fields)));
  expect(decoded.get("registry")).toEqual(new Map([["a", 1]]));
  expect(decoded.get("bare")).toEqual(new Map());
  expect(Object.hasOwn(Object.prototype, "0")).toBe(false);
});

test("what is replaced on the way out, keys too, leaves the message as it was", () => {
  const payload = Serialized.acme([]);
  const inner = { n: 2 ** 40, payload, set: new Set([2 ** 41]) };
  const message = new Map<unknown, unknown>([
    ["a", [inner]],
    [2n ** 3n, new Map<unknown, unknown>([[2 ** 42, null]])],
    [new Set(["k"]), 1],
  ]);
  const decoded = decodeMessage(encodeMessage(message)) as ReadonlyMap<unknown, unknown>;
  expect(plain(decoded)).toEqual(
    plain(
      new Map<unknown, unknown>([
        ["a", [new Map(Object.entries(inner))]],
        [8, new Map([[2 ** 42, null]])],
        [new Set(["k"]), 1],
      ]),
    ),
  );
  expect(inner).toEqual({ n: 2 ** 40, payload, set: new Set([2 ** 41]) });
  expect([...message.keys()]).toEqual(["a", 8n, new Set(["k"])]);
});

test("an object that contains another many times over is refused, not walked for ever", () => {
  let doubled: unknown[] = [];
  for (let i = 0; i < 100; i++) doubled = [doubled, doubled];
  const wanted = expect.objectContaining({ limit: "containersPerDocument" });
  expect(() => encodeMessage(doubled)).toThrow(wanted);
});

test("reading leaves no trace on what is read", () => {
  const [document] = encodeMessage({ op: "x" });
  decodeMessage([document!]);
  expect(Object.keys(document!)).toHaveLength(document!.length);
});

test("decoded bytes and payload lists do not keep the document alive", () => {
  const message = decodeMessage(
    encodeMessage({ type: new Uint8Array(30), big: new Uint8Array(200) }),
  );
  for (const bytes of (message as ReadonlyMap<string, Uint8Array>).values()) {
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  }
});

test("documents beyond the scratch space, and of shared memory, are read and written", () => {
  const message = ["x".repeat(200_000), "ü".repeat(70_000), new Uint8Array(70_000).fill(9)];
  const [document] = encodeMessage(message);
  expect(decodeMessage([document!])).toEqual(message);
  const shared = new Uint8Array(new SharedArrayBuffer(document!.length));
  shared.set(document!);
  expect(decodeMessage([shared])).toEqual(message);
  expect(decodeMessage(encodeMessage("OK"))).toBe("OK");
});

function doc(...bytes: number[]): Uint8Array[] {
  return [Uint8Array.from(bytes)];
}

describe("a hostile document is refused", () => {
  const cases: [string, Uint8Array[]][] = [
    ["no frames", []],
    ["no bytes", doc()],
    ["a second value", doc(0xc0, 0xc0)],
    ["a cut number", doc(0xcb, 0, 0)],
    ["a cut length", doc(0xdb, 0)],
    ["an ext type", doc(0xd4, 1, 1)],
    ["msgpackr's record ext", doc(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1)],
    ["the unused type byte", doc(0xc1)],
    ["four billion elements", doc(0xdd, 255, 255, 255, 255)],
    ["four billion entries", doc(0xdf, 255, 255, 255, 255)],
    ["four billion bytes", doc(0xc6, 255, 255, 255, 255)],
    ["a string past the end", doc(0xa5, 0x61)],
    ["text that is not UTF-8", doc(0xa2, 0xc3, 0x28)],
    ["long text that is not UTF-8", doc(0xd9, 40, ...new Array<number>(40).fill(0xff))],
    ["an array short of its count", doc(0x93, 1)],
    ["nested counts that sum to more than the document", doc(0x92, 0x92, 0x92, 1)],
    ["a set without a list", doc(0x81, 0xa7, ...Buffer.from("__Set__"), 0xc3)],
    ["an enum without a name", doc(0x81, 0xa8, ...Buffer.from("__Enum__"), 0xc3)],
  ];
  test.each(cases)("%s", (_, frames) => {
    expect(() => decodeMessage(frames)).toThrow(expect.objectContaining({ code: "WIRE_FORMAT" }));
  });

  test("nesting of a million arrays", () => {
    const wanted = expect.objectContaining({ code: "LIMIT_EXCEEDED", limit: "nestingDepth" });
    expect(() => decodeMessage([new Uint8Array(1_000_000).fill(0x91)])).toThrow(wanted);
  });

  test("as deep as allowed is read, and one more is not written", () => {
    let deep: WireValue = [];
    for (let i = 1; i < wireLimits.nestingDepth; i++) deep = [deep];
    expect(decodeMessage(encodeMessage(deep))).toEqual(deep);
    expect(() => encodeMessage([deep])).toThrow("nested more than");
  });

  test("too many containers", () => {
    const count = wireLimits.containersPerDocument + 1;
    const bytes = new Uint8Array(count + 5).fill(0x90);
    new DataView(bytes.buffer).setUint32(1, count);
    bytes[0] = 0xdd;
    const wanted = expect.objectContaining({ limit: "containersPerDocument" });
    expect(() => decodeMessage([bytes])).toThrow(wanted);
  });
});

describe("a hostile placeholder is refused", () => {
  const header = new Serialized({ serializer: "x" }, [Uint8Array.of(1)]).headerBytes;
  const bodies: [string, unknown, Uint8Array[]][] = [
    ["past the end", { __Serialized__: 1 }, []],
    ["at the document", { __Serialized__: 0 }, [header]],
    ["below zero", { __Pickled__: -1 }, [header]],
    ["a fraction", { __Pickled__: 1.5 }, [header]],
    ["a name", { __Serialized__: "length" }, [header]],
    ["true", { __Serialized__: true }, [header]],
    ["frames missing", { __Serialized__: 1 }, [header]],
    ["used twice", [{ __Serialized__: 1 }, { __Pickled__: 1 }], [header, Uint8Array.of(1)]],
    ["inside another's", [{ __Serialized__: 1 }, { __Pickled__: 2 }], [header, header]],
    ["no map as header", { __Serialized__: 1 }, [Uint8Array.of(0x90)]],
    ["an empty header", { __Serialized__: 1 }, [Uint8Array.of(0x80)]],
    ["a cut header", { __Serialized__: 1 }, [header.subarray(0, 12)]],
  ];
  test.each(bodies)("%s", (_, body, more) => {
    const [document] = encodeMessage(body as WireValue);
    const wanted = expect.objectContaining({ code: "WIRE_FORMAT" });
    expect(() => decodeMessage([document!, ...more])).toThrow(wanted);
  });
});

describe("no bytes crash the decoder", () => {
  function decodeOrRefuse(frames: readonly Uint8Array[]): void {
    try {
      const message = decodeMessage(frames);
      plain(message);
      encodeMessage(message);
    } catch (error) {
      if (!isAcmeError(error)) throw error;
    }
  }

  test("random bytes", () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), decodeOrRefuse), {
      numRuns: 2000,
    });
  });

  test("recorded messages with bytes changed, cut or repeated", () => {
    const file = new URL("./fixtures/wire-vectors.json", import.meta.url);
    const { vectors } = JSON.parse(readFileSync(file, "utf8")) as {
      vectors: { frames: unknown[] }[];
    };
    const recorded = vectors
      .filter(({ frames }) => frames.every((frame) => typeof frame === "string"))
      .map(({ frames }) => frames.map((hex) => new Uint8Array(Buffer.from(hex as string, "hex"))));
    const edits = fc.array(fc.tuple(fc.nat(9), fc.nat(500), fc.nat(255)), { minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...recorded), edits, fc.nat(600), (original, changes, keep) => {
        const frames = original.map((frame) => frame.slice());
        for (const [frame, at, byte] of changes) {
          const bytes = frames[frame % frames.length]!;
          bytes[at % (bytes.length || 1)] = byte;
        }
        decodeOrRefuse(frames);
        decodeOrRefuse([frames[0]!.subarray(0, keep), ...frames.slice(1)]);
        decodeOrRefuse([...frames.slice(0, -1)]);
      }),
      { numRuns: 3000 },
    );
  });
});
