// Outgoing websockets, plain and encrypted.
// One try, as in socket-connect.ts; frames and flow control are left to ws-transport.ts.
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { type Address, formatAddress } from "./address.js";
import { ConnectError } from "./errors.js";
import { tlsClientOptions } from "./security.js";
import { socketOptions } from "./socket-transport.js";
import type { CommOptions } from "./types.js";
import { WsTransport, wsOptions } from "./ws-transport.js";

/** Connects to a numeric host. Rejects with node's error, or the signal's reason. */
export function connectWebSocket(
  address: Address,
  options: CommOptions,
  signal: AbortSignal,
): Promise<WsTransport> {
  const url = formatAddress(address.scheme, address.host, address.port);
  const tls = address.scheme === "wss" ? tlsClientOptions(options.security!) : {};
  const ws = new WebSocket(url, { ...wsOptions(options), ...tls, generateMask: maskNothing });
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason);
      ws.terminate();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    // The signal is that of all tries.
    ws.once("close", () => signal.removeEventListener("abort", onAbort));
    ws.once("error", reject);
    ws.once("unexpected-response", (_request, response) => {
      reject(new ConnectError(url, `the server answered with HTTP ${response.statusCode}`));
      ws.terminate();
    });
    // The transport listens from here on: the server's first message may come with the answer.
    ws.once("upgrade", ({ socket }) => {
      const transport = makeTransport(ws, socket, address, options);
      ws.once("open", () => {
        signal.removeEventListener("abort", onAbort);
        resolve(transport);
      });
    });
  });
}

function makeTransport(
  ws: WebSocket,
  socket: Socket,
  { scheme, host, port }: Address,
  options: CommOptions,
): WsTransport {
  socket.setKeepAlive(true, socketOptions.keepAliveInitialDelay);
  const ends = {
    peerAddress: formatAddress(scheme, host, port),
    localAddress: formatAddress(scheme, socket.localAddress ?? "unknown", socket.localPort ?? 0),
  };
  return new WsTransport(ws, socket, ends, options);
}

/**
 * Masks protect careless proxies from web pages that choose bytes; these peers are programs, and
 * masking in JavaScript would cost 15 ns a byte. A key of zeros is still a valid frame.
 */
function maskNothing(mask: Buffer): void {
  mask.fill(0);
}
