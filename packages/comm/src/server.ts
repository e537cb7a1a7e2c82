// Listening sockets of tcp, tls, ws and wss. On an encrypted port the first byte tells plaintext
// at once: such a peer is cut off and the log says how to connect.
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import {
  type Address,
  contactHosts,
  formatAddress,
  isWildcard,
  numericHost,
  type Scheme,
} from "./address.js";
import { ListenError } from "./errors.js";
import { commLimits } from "./limits.js";
import { isEncrypted, tlsServerOptions } from "./security.js";
import { SocketReader } from "./socket-reader.js";
import { SocketTransport, socketOptions } from "./socket-transport.js";
import { explainRefused, noTlsAlert } from "./tls-errors.js";
import type { Transport } from "./transport.js";
import type { Listener, ListenOptions } from "./types.js";

export type Accept = (transport: Transport) => void;
export type Take = (socket: Socket) => void;

/** First byte of every TLS connection: the record type of a handshake. */
const tlsFirstByte = 0x16;
/** For a peer that speaks no TLS to read that it should. */
const lingerMs = 200;

export async function listenServer(
  parsed: Address,
  options: ListenOptions,
  accept: Accept,
): Promise<Listener> {
  const limits = { ...commLimits, ...options.limits };
  const take = await pipeline(parsed.scheme, options, accept);
  const server = createTcpServer({ ...socketOptions }, take);
  const text = formatAddress(parsed.scheme, parsed.host, parsed.port);
  try {
    const host = isWildcard(parsed.host)
      ? parsed.host || "0.0.0.0"
      : await numericHost(parsed.host);
    await opened(server, { host, port: parsed.port, backlog: limits.backlog });
  } catch (error) {
    throw new ListenError(text, explain(error), { cause: error });
  }
  return makeListener(server, parsed.scheme, options);
}

function makeListener(server: Server, scheme: Scheme, options: ListenOptions): Listener {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new TypeError("a server without port");
  const hosts = isWildcard(bound.address) ? contactHosts(bound.address) : [bound.address];
  const addresses = hosts.map((host) => formatAddress(scheme, host, bound.port));
  const address = addresses[0]!;
  server.on("error", (error) => {
    const message = `accepting on ${address} failed: ${error.message}`;
    options.onLog?.({ level: "error", event: "accept-failed", message, peerAddress: "", error });
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close();
      // Connections live on, and server.close() would wait for them; the port is free at once.
      setImmediate(resolve);
    });
  return { address, addresses, close };
}

function opened(
  server: Server,
  place: { host: string; port: number; backlog: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** From an accepted tcp socket to a transport, through TLS and the websocket upgrade as needed. */
async function pipeline(scheme: Scheme, options: ListenOptions, accept: Accept): Promise<Take> {
  const isWs = scheme === "ws" || scheme === "wss";
  const last = isWs
    ? (await import("./ws-server.js")).upgradeTo(scheme, options, accept)
    : (socket: Socket): void => {
        accept(new SocketTransport(socket, scheme, new SocketReader(options), options));
      };
  return isEncrypted({ scheme, host: "", port: 0 }) ? decrypt(scheme, options, last) : last;
}

function decrypt(scheme: Scheme, options: ListenOptions, next: Take): Take {
  const limits = { ...commLimits, ...options.limits };
  const refuse = (event: string, why: string, socket: Socket, error?: Error): void => {
    const { remoteAddress = "unknown", remotePort = 0 } = socket;
    const peerAddress = formatAddress(scheme, remoteAddress, remotePort);
    const message = `refused ${peerAddress}: ${why}`;
    options.onLog?.({ level: "warn", event, message, peerAddress, error });
  };
  const server = createTlsServer(
    {
      ...tlsServerOptions(options.security!),
      handshakeTimeout: limits.handshakeTimeoutMs,
      noDelay: true,
    },
    next,
  );
  server.on("tlsClientError", (error, socket) => {
    const why = explainRefused(error, socket.authorizationError, options.security);
    refuse("tls-failed", why, socket, error);
    socket.destroy();
  });
  return (socket) => {
    socket.on("error", () => socket.destroy());
    socket.setTimeout(limits.handshakeTimeoutMs, () => socket.destroy());
    socket.once("readable", () => {
      const first: Buffer | null = socket.read(1);
      if (first === null) return;
      if (first[0] !== tlsFirstByte) {
        const must = `it must connect with ${scheme}:// and the credentials of this cluster`;
        refuse("plaintext-on-tls", `it speaks no TLS; ${must}`, socket);
        dismiss(socket);
        return;
      }
      socket.setTimeout(0);
      socket.unshift(first);
      server.emit("connection", socket);
    });
  };
}

/** Ends at once, in TLS: a socket that is destroyed with bytes unread would lose the answer. */
function dismiss(socket: Socket): void {
  socket.setTimeout(0);
  socket.end(noTlsAlert);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === "EADDRINUSE") return "the port is taken; choose another, or 0 for a free one";
  if (code === "EADDRNOTAVAIL") return "this host has no such address";
  if (code === "EACCES") return "not allowed; ports below 1024 need privileges";
  return message;
}
