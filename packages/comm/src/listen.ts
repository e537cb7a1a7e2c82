// The way in: a listener for any transport, whose connections are handed over once they have
// shaken hands. A peer that fails to is one log line and nothing more.
import { parseAddress } from "./address.js";
import { shakeHands } from "./handshake.js";
import { listenInproc, stopInproc } from "./inproc.js";
import { commLimits } from "./limits.js";
import { MessageConnection } from "./message-connection.js";
import { checkSecurity } from "./security.js";
import { listenServer } from "./server.js";
import type { Transport } from "./transport.js";
import type { Listener, ListenOptions } from "./types.js";

/**
 * Accepts connections.
 *
 * @param address - as for {@link connect}; port 0 takes a free one; an empty host, `0.0.0.0` or
 *   `[::]` listens on all interfaces
 * @param options - `onConnection`, certificates, memory for large frames, where log entries go
 * @throws ListenError, AddressError, TlsRequiredError
 * @example
 * ```ts
 * const listener = await listen("tcp://127.0.0.1:0", {
 *   onConnection: (connection) => connection.onMessages((batch) => console.log(batch.length)),
 * });
 * console.log(listener.address); // tcp://127.0.0.1:40123
 * await listener.close();
 * ```
 */
export async function listen(address: string, options: ListenOptions): Promise<Listener> {
  const parsed = parseAddress(address);
  checkSecurity(parsed, options.security);
  const accept = (transport: Transport): void => void welcome(transport, options);
  if (parsed.scheme !== "inproc") return await listenServer(parsed, options, accept);
  const name = listenInproc(parsed.host, accept);
  const taken = `inproc://${name}`;
  return {
    address: taken,
    addresses: [taken],
    close: async () => stopInproc(name),
  };
}

async function welcome(transport: Transport, options: ListenOptions): Promise<void> {
  const connection = new MessageConnection(transport, options);
  const { peerAddress } = connection;
  const limits = { ...commLimits, ...options.limits };
  try {
    const { handshakeTimeoutMs: timeoutMs } = limits;
    connection.isAcmePeer = await shakeHands(connection, peerAddress, { timeoutMs });
  } catch (caught) {
    const error = caught as Error;
    const info = await connection.closed;
    // Bytes that are no message have been reported by the connection itself.
    if (info.error?.code === "WIRE_FORMAT" || info.error?.code === "LIMIT_EXCEEDED") return;
    const { message } = error;
    options.onLog?.({ level: "warn", event: "handshake-failed", message, peerAddress, error });
    return;
  }
  options.onConnection(connection);
}
