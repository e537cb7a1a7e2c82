// Outgoing tcp and tls sockets: made so that node reads payload frames straight to their place.
// One try: retries, time limits and the handshake are the business of connect.ts.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address } from "./address.js";
import { tlsClientOptions } from "./security.js";
import { SocketReader } from "./socket-reader.js";
import { SocketTransport, socketOptions } from "./socket-transport.js";
import type { CommOptions } from "./types.js";

/** Connects to a numeric host. Rejects with node's error, or the signal's reason. */
export function connectSocket(
  address: Address,
  options: CommOptions,
  signal: AbortSignal,
): Promise<SocketTransport> {
  const reader = new SocketReader(options);
  const { host, port } = address;
  const target = { host, port, ...socketOptions, onread: reader.onread };
  const encrypted = address.scheme === "tls";
  const socket: Socket = encrypted
    ? connectTls({ ...target, ...tlsClientOptions(options.security!) })
    : connectTcp(target);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      // The signal is that of all tries.
      signal.removeEventListener("abort", onAbort);
      reject(error);
    };
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const onClose = (): void => fail(new Error("the connection was closed at once"));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", fail);
    socket.once("close", onClose);
    socket.once(encrypted ? "secureConnect" : "connect", () => {
      signal.removeEventListener("abort", onAbort);
      socket.off("close", onClose);
      // Only plain sockets take these from the options that they are made with.
      socket.setNoDelay(socketOptions.noDelay);
      socket.setKeepAlive(socketOptions.keepAlive, socketOptions.keepAliveInitialDelay);
      resolve(new SocketTransport(socket, address.scheme, reader, options));
      socket.off("error", fail);
    });
  });
}
