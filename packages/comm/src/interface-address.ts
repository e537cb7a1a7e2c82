// The address of a network interface by its name, as `--interface ib0` of the commands means it.
// Knows this machine's interfaces, no connections.
import { networkInterfaces } from "node:os";
import { AcmeError } from "@acme/protocol";

/** There is no such interface, or it has no IPv4 address. */
export class InterfaceError extends AcmeError {
  readonly code = "NO_INTERFACE";
}

/**
 * The IPv4 address of a network interface.
 *
 * @param name - such as `"ib0"`
 * @throws InterfaceError naming the interfaces there are
 * @example
 * ```ts
 * interfaceAddress("lo"); // "127.0.0.1"
 * ```
 */
export function interfaceAddress(name: string): string {
  const found = networkInterfaces()[name]?.find((address) => address.family === "IPv4");
  if (found !== undefined) return found.address;
  const known = Object.keys(networkInterfaces()).join(", ");
  throw new InterfaceError(`No interface ${name} has an IPv4 address; choose one of: ${known}`);
}
