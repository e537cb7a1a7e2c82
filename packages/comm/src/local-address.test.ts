// The address towards a machine is one of ours, and that of the right network.
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { addressTowards } from "./local-address.js";

describe("the address towards another machine", () => {
  it("is loopback for this machine's loopback", async () => {
    expect(await addressTowards("127.0.0.1")).toBe("127.0.0.1");
  });

  it("is our own on every network of ours", async () => {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address, family } of own) {
      if (family === "IPv4") expect(await addressTowards(address)).toBe(address);
    }
  });

  it("fails for a name that nobody knows", async () => {
    await expect(addressTowards("no-such-machine.invalid")).rejects.toThrow(/no-such-machine/);
  });
});
