// What is taken apart for an executor is the same once it is put together again.
import { encodeNumpy, Pickled, Serialized } from "@acme/protocol";
import { expect, it } from "vitest";
import { formed, payloadOf, valueForms } from "./value-form.js";

it("keeps header and frames of a foreign value, and the frames alone of our own", () => {
  const acme = Serialized.acme([Uint8Array.of(1, 2)]);
  expect(formed(acme)).toEqual({ form: valueForms.acme, frames: acme.frames });
  expect((payloadOf(formed(acme)) as Serialized).isAcme).toBe(true);
  for (const payload of [encodeNumpy(Float64Array.of(1, 2)), Pickled.of(Uint8Array.of(78, 46))]) {
    const again = payloadOf(formed(payload));
    expect(again).toBeInstanceOf(payload.constructor);
    expect(again.headerBytes).toEqual(payload.headerBytes);
    expect(again.frames).toEqual(payload.frames);
  }
});
