// What a worker tells others about where it is.
import { expect, it } from "vitest";
import { contactAddress } from "./contact-address.js";

it("is where it listens, unless something else is given, whose missing parts are filled in", () => {
  const listening = "tcp://0.0.0.0:4000";
  expect(contactAddress(undefined, listening)).toBe(listening);
  expect(contactAddress("tcp://10.0.0.1:9", listening)).toBe("tcp://10.0.0.1:9");
  expect(contactAddress("10.0.0.1", listening)).toBe("tcp://10.0.0.1:4000");
  expect(contactAddress("tls://[2001:db8::1]:0", listening)).toBe("tls://[2001:db8::1]:4000");
});
