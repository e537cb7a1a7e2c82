// Which of this machine's addresses another machine sees, as the routing table says. Sends nothing,
// and knows no protocol of ours.
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";

/** Any port will do: a datagram socket that is connected has only looked up its route. */
const anyPort = 9;

/**
 * The address of this machine on the way to another one. A machine with several networks has
 * several addresses, and not all can be reached from everywhere.
 *
 * @param host - name or address of the other machine
 * @throws the system's error if the name is unknown or there is no way
 * @example
 * ```ts
 * await addressTowards("127.0.0.1"); // "127.0.0.1"
 * ```
 */
export async function addressTowards(host: string): Promise<string> {
  const { address } = await lookup(host);
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(anyPort, address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
