// Goal: errors are told apart by code, across copies of the package; ids keep their order.
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { assert, assertNever, ProgramError } from "./assert.js";
import { isAcmeError, LimitError, UnserializableError, WireFormatError } from "./errors.js";
import { runCounter, runId, runIncarnation } from "./ids.js";

test("an error has its code, fields, name and cause", () => {
  const cause = new Error("inner");
  const error = new WireFormatError("bad", { path: "message.x", offset: 3, cause });
  expect(error).toMatchObject({ code: "WIRE_FORMAT", path: "message.x", offset: 3, cause });
  expect(error.name).toBe("WireFormatError");
  expect(error).toBeInstanceOf(Error);
  expect("cause" in new WireFormatError("bad")).toBe(false);
  const limit = new LimitError("frameBytes", 9, 5);
  expect(limit).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "frameBytes", value: 9, max: 5 });
  expect(limit.message).toContain("frameBytes is 9");
  expect(new UnserializableError("TypeError: x").remoteText).toBe("TypeError: x");
});

test("isAcmeError narrows by code and knows errors of another realm", () => {
  const error = new WireFormatError("bad");
  expect(isAcmeError(error)).toBe(true);
  expect(isAcmeError(error, "WIRE_FORMAT")).toBe(true);
  expect(isAcmeError(error, "LIMIT_EXCEEDED")).toBe(false);
  const foreign: unknown = runInNewContext(
    'Object.assign(new Error("x"), { [Symbol.for("acme.error")]: true, code: "DISK_FULL" })',
  );
  expect(isAcmeError(foreign, "DISK_FULL")).toBe(true);
  for (const other of [new Error("x"), new ProgramError("x"), null, undefined, "x", {}]) {
    expect(isAcmeError(other)).toBe(false);
  }
});

test("program errors are loud", () => {
  expect(() => assert(0 > 1, "zero is less")).toThrow(new ProgramError("zero is less"));
  expect(() => assertNever({ type: "odd" } as never)).toThrow('{"type":"odd"}');
  expect(() => assertNever(1n as never)).toThrow("1");
});

test("run ids order by incarnation, then counter", () => {
  expect(runId(1, 0)).toBeGreaterThan(runId(0, 2 ** 32 - 1));
  const id = runId(2 ** 21 - 1, 2 ** 32 - 1);
  expect(Number.isSafeInteger(id)).toBe(true);
  expect([runIncarnation(id), runCounter(id)]).toEqual([2 ** 21 - 1, 2 ** 32 - 1]);
  for (const [incarnation, counter] of [
    [2 ** 21, 0],
    [-1, 0],
    [0, 2 ** 32],
    [0, 0.5],
  ] as const) {
    expect(() => runId(incarnation, counter)).toThrow(ProgramError);
  }
});
