// Errors from task to client: what is kept, and that writing one never fails.

import { expect, test } from "vitest";
import { decodeError, decodeValue, encodeError, encodeValue, RemoteError } from "../index.js";

const trip = (error: unknown) => decodeError(encodeError(error).frames);

test("built-in errors keep their class", () => {
  const error = Object.assign(new RangeError("far", { cause: new TypeError("near") }), {
    code: "E_FAR",
    detail: new Map([[1, 2n]]),
  });
  const back = trip(error);
  expect(back).toBeInstanceOf(RangeError);
  expect(back).toMatchObject({ name: "RangeError", message: "far", code: "E_FAR" });
  expect((back as unknown as { detail: unknown }).detail).toEqual(new Map([[1, 2n]]));
  expect(back.stack).toBe(error.stack);
  expect(back.cause).toBeInstanceOf(TypeError);
});

test("other classes become a RemoteError under their own name", () => {
  class DiskFull extends Error {
    override name = "DiskFull";
    readonly path = "/data";
  }
  const back = trip(new DiskFull("no space"));
  expect(back).toBeInstanceOf(RemoteError);
  expect(back).toMatchObject({ name: "DiskFull", message: "no space", path: "/data" });
  expect(back.stack).toContain("errors.test.ts");
});

test("errors of errors", () => {
  const back = trip(new AggregateError([new SyntaxError("a"), "b"], "all")) as AggregateError;
  expect(back).toBeInstanceOf(AggregateError);
  expect(back.errors[0]).toBeInstanceOf(SyntaxError);
  expect(back.errors[1]).toBe("b");
});

test("what cannot travel becomes text", () => {
  const error = Object.assign(new Error("bad"), {
    run: () => 1,
    later: Promise.resolve(),
    odd: "\ud800",
  });
  expect(trip(error)).toMatchObject({ run: "[Function: run]", later: /Promise/, odd: "\ud800" });
  const cyclic = new Error("round");
  cyclic.cause = cyclic;
  expect(trip(cyclic).message).toBe("round");
});

test("never throws, whatever was thrown", () => {
  const hostile = new Proxy(new Error("x"), {
    get() {
      throw new Error("trap");
    },
    getPrototypeOf() {
      throw new Error("trap");
    },
  });
  const getter = Object.defineProperty(new Error("y"), "message", {
    get() {
      throw new Error("trap");
    },
  });
  for (const thrown of [hostile, getter, undefined, null, 5, "text", Symbol("s"), () => 1, {}]) {
    expect(trip(thrown)).toBeInstanceOf(Error);
  }
  expect(trip("text")).toMatchObject({ cause: "text", message: expect.stringContaining("'text'") });
});

test("refuses what no encoder made with one kind of error, and goes on", async () => {
  const sound = encodeError(new RangeError("far")).frames;
  const [document] = (await encodeValue({ when: new Date(0), bytes: new Uint8Array(5_000) }))
    .frames;
  for (const frames of [
    [],
    [Uint8Array.of(0x92)],
    [Uint8Array.of(0x95, 1, 2, 3, 4, 5)],
    [Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    // A document whose frames are missing.
    [document as Uint8Array],
  ]) {
    const open = async () => await decodeValue(frames);
    await expect(open()).rejects.toMatchObject({ code: "BAD_DOCUMENT" });
    expect(() => decodeError(frames)).toThrowError(
      expect.objectContaining({ code: "BAD_DOCUMENT" }),
    );
    expect(decodeError(sound)).toMatchObject({ name: "RangeError", message: "far" });
  }
  expect(() => decodeError([Uint8Array.of(0x92, 0, 0xc0)])).toThrow(/cannot be read/);
});
