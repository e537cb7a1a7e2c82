// From an accepted socket to a websocket, by way of an HTTP upgrade. Loaded only by who listens
// on ws or wss, because few do.
import { createServer as createHttpServer } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { formatAddress, type Scheme } from "./address.js";
import { commLimits } from "./limits.js";
import type { Accept, Take } from "./server.js";
import type { ListenOptions } from "./types.js";
import { WsTransport, wsOptions } from "./ws-transport.js";

export function upgradeTo(scheme: Scheme, options: ListenOptions, accept: Accept): Take {
  const http = createHttpServer((_request, response) => {
    response.writeHead(426, { "Content-Type": "text/plain" });
    response.end("This address speaks websockets only.\n");
  });
  const upgrader = new WebSocketServer({ noServer: true, ...wsOptions(options) });
  http.on("upgrade", (request, socket: Socket, head) => {
    const end = (host: string | undefined, port: number | undefined): string =>
      formatAddress(scheme, host ?? "unknown", port ?? 0);
    const ends = {
      peerAddress: end(socket.remoteAddress, socket.remotePort),
      localAddress: end(socket.localAddress, socket.localPort),
    };
    upgrader.handleUpgrade(request, socket, head, (ws) => {
      accept(new WsTransport(ws, socket, ends, options));
    });
  });
  const { handshakeTimeoutMs } = { ...commLimits, ...options.limits };
  return (socket) => {
    // The websocket takes this limit off when it begins.
    socket.setTimeout(handshakeTimeoutMs, () => socket.destroy());
    http.emit("connection", socket);
  };
}
