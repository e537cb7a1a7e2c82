// How many connections the HTTP server holds at once: where there are too many, the one that has
// been without a request for longest makes room, so that those who only connect keep nobody out.
// Must not know what is asked or answered.
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Keeps a server's open connections at a number; those within a request stay as they are. */
export function boundConnections(server: Server, max: number): void {
  // In the order in which they began to wait.
  const waiting = new Set<Socket>();
  let open = 0;

  server.on("connection", (socket: Socket) => {
    open++;
    waiting.add(socket);
    socket.once("close", () => {
      open--;
      waiting.delete(socket);
    });
    if (open <= max) return;
    const [oldest] = waiting;
    waiting.delete(oldest as Socket);
    (oldest as Socket).destroy();
  });
  server.on("request", ({ socket }: { socket: Socket }, response: ServerResponse) => {
    waiting.delete(socket);
    response.once("close", () => {
      if (!socket.destroyed) waiting.add(socket);
    });
  });
}
