// The scheduler's small HTTP server: `/health` and `/metrics`. Reads the view, changes nothing.
// What the metrics are it is told by a function; there is no dashboard here.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AcmeError } from "@acme/protocol";
import { type HttpAddress, parseHttpAddress } from "./http-address.js";
import { shellLimits } from "./limits.js";

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The HTTP address cannot be listened on. */
class HttpListenError extends AcmeError {
  readonly code = "HTTP_LISTEN_FAILED";
  readonly portTaken: boolean;

  constructor(address: string, cause: NodeJS.ErrnoException) {
    super(`Cannot serve HTTP on ${address}: ${cause.message}.`, { cause });
    this.portTaken = cause.code === "EADDRINUSE";
  }
}

export interface HttpOptions {
  /** `host:port`, `:port` or a port; port 0 takes a free one. */
  address: string;
  metrics: () => string;
  /** Like dask, takes a free port rather than failing when the one asked for is taken. */
  onPortTaken: (message: string) => void;
}

/** @throws HttpAddressError, HttpListenError */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const place = parseHttpAddress(options.address);
  try {
    return await serveAt(place, options);
  } catch (error) {
    if (!(error instanceof HttpListenError) || !error.portTaken) throw error;
    options.onPortTaken(`${error.message} Serving it on a free port instead.`);
    return serveAt({ ...place, port: 0 }, options);
  }
}

function serveAt(place: HttpAddress, { address, metrics }: HttpOptions): Promise<HttpServer> {
  const { httpHeaderBytes, httpTimeoutMs } = shellLimits;
  const server = createServer({ maxHeaderSize: httpHeaderBytes }, (request, response) => {
    respond(request, response, metrics);
  });
  server.requestTimeout = httpTimeoutMs;
  return new Promise((resolve, reject) => {
    server.on("error", (cause) => reject(new HttpListenError(address, cause)));
    server.listen(place, () => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => close(server) });
    });
  });
}

function respond(request: IncomingMessage, response: ServerResponse, metrics: () => string): void {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    answer(response, 405, "only GET and HEAD\n");
  } else if (path === "/health") answer(response, 200, "ok\n");
  else if (path === "/metrics") answer(response, 200, metrics(), "; version=0.0.4");
  else answer(response, 404, "no such page: try /health or /metrics\n");
}

function answer(response: ServerResponse, status: number, text: string, version = ""): void {
  response.writeHead(status, { "content-type": `text/plain${version}; charset=utf-8` }).end(text);
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
