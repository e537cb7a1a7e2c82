// Plain errors cross the wire in a header alone, and other payloads are not taken for them.
import { expect, it } from "vitest";
import { LimitError } from "./errors.js";
import { encodePlainError, plainErrorFields, plainErrorOf } from "./plain-error.js";
import { Pickled, Serialized } from "./serialized.js";
import { decodeMessage, encodeMessage } from "./wire-codec.js";

const sent = (payload: Serialized): Serialized =>
  (decodeMessage(encodeMessage([payload])) as Serialized[])[0] as Serialized;

it("keeps name, message, code, stack and further fields", () => {
  const error = new LimitError("frames", 5, 4);
  const fields = plainErrorFields(sent(encodePlainError(error, { key: "x-1" })));
  expect(Object.fromEntries(fields ?? [])).toMatchObject({
    name: "LimitError",
    code: "LIMIT_EXCEEDED",
    message: error.message,
    stack: error.stack,
    key: "x-1",
  });
});

it("tells what was thrown even if it is no error", () => {
  expect(plainErrorFields(encodePlainError("just text"))?.get("message")).toBe("just text");
});

it("is made of fields alone where there is no error to throw", () => {
  expect(plainErrorFields(sent(plainErrorOf({ message: "m", deaths: 4 })))?.get("deaths")).toBe(4);
});

it("is not found in other payloads", () => {
  expect(plainErrorFields(Serialized.acme([]))).toBeUndefined();
  expect(plainErrorFields(Pickled.of(new Uint8Array([1])))).toBeUndefined();
});
