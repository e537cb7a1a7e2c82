// The scheduler's small HTTP server: `/health` and `/metrics`. Reads the view, changes nothing.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AcmeError } from "@acme/protocol";
import { shellLimits } from "./limits.js";

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The HTTP address cannot be listened on. */
export class HttpListenError extends AcmeError {
  readonly code = "HTTP_LISTEN_FAILED";
  readonly portTaken: boolean;

  constructor(address: string, cause: NodeJS.ErrnoException) {
    super(`Cannot serve HTTP on ${address}: ${cause.message}.`, { cause });
    this.portTaken = cause.code === "EADDRINUSE";
  }
}

/** @param address - `host:port`; port 0 takes a free one */
export function serveHttp(address: string, metrics: () => string): Promise<HttpServer> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, Math.max(colon, 0)) || "127.0.0.1";
  const port = Number(address.slice(colon + 1));
  const routes: Record<string, (response: ServerResponse) => void> = {
    "/health": (response) => answer(response, 200, "ok\n"),
    "/metrics": (response) => answer(response, 200, metrics()),
  };
  const server = createServer(
    { maxHeaderSize: shellLimits.httpHeaderBytes },
    (request, response) => {
      const path = (request.url ?? "/").split("?", 1)[0] as string;
      const known = Object.hasOwn(routes, path) ? routes[path] : undefined;
      if (request.method !== "GET" && request.method !== "HEAD")
        answer(response, 405, "only GET\n");
      else if (known === undefined)
        answer(response, 404, `no such page: try /health or /metrics\n`);
      else known(response);
    },
  );
  server.requestTimeout = shellLimits.httpTimeoutMs;
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(new HttpListenError(address, cause)));
    server.listen(port, host, () => {
      const bound = (server.address() as AddressInfo).port;
      resolve({ port: bound, close: () => close(server) });
    });
  });
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
