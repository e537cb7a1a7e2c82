// The scheduler's small HTTP server, hardened for machines that are shared: `/health` for all, the
// rest for who has the token. Only GET and HEAD, and no line of a log about a request.
// What the pages hold is http-pages.ts's to say.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { AcmeError } from "@acme/protocol";
import { HttpAccess } from "./http-access.js";
import { type HttpAddress, parseHttpAddress } from "./http-address.js";
import { boundConnections } from "./http-connections.js";
import type { Page } from "./http-pages.js";
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
  /** Without it only `/health` answers. */
  token: string;
  pages: ReadonlyMap<string, Page>;
  /** Like dask, takes a free port rather than failing when the one asked for is taken. */
  onWarning: (message: string) => void;
}

/** @throws HttpAddressError, HttpListenError */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const place = parseHttpAddress(options.address);
  if (!isLoopback(place.host)) {
    options.onWarning(
      `HTTP on ${options.address} is plain text: whoever reads along learns the token. ` +
        "Listen on 127.0.0.1 and come through `ssh -L` instead.",
    );
  }
  try {
    return await serveAt(place, options);
  } catch (error) {
    if (!(error instanceof HttpListenError) || !error.portTaken) throw error;
    options.onWarning(`${error.message} Serving it on a free port instead.`);
    return serveAt({ ...place, port: 0 }, options);
  }
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/i.test(host);

function serveAt(place: HttpAddress, options: HttpOptions): Promise<HttpServer> {
  const access = new HttpAccess(options.token, [hostname(), place.host]);
  const server = boundedServer((request, response) => {
    respond(request, new Answer(response), { access, pages: options.pages });
  });
  return new Promise((resolve, reject) => {
    server.on("error", (cause) => reject(new HttpListenError(options.address, cause)));
    server.listen(place, () => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => close(server) });
    });
  });
}

function boundedServer(onRequest: (q: IncomingMessage, r: ServerResponse) => void): Server {
  const { httpTimeoutMs } = shellLimits;
  const server = createServer(
    {
      maxHeaderSize: shellLimits.httpHeaderBytes,
      headersTimeout: httpTimeoutMs,
      requestTimeout: httpTimeoutMs,
      keepAliveTimeout: httpTimeoutMs,
      connectionsCheckingInterval: httpTimeoutMs / 4,
    },
    onRequest,
  );
  server.maxHeadersCount = shellLimits.httpHeaders;
  boundConnections(server, shellLimits.httpConnections);
  // Also for who asks and does not read.
  server.setTimeout(httpTimeoutMs, (socket) => socket.destroy());
  return server;
}

interface Site {
  access: HttpAccess;
  pages: ReadonlyMap<string, Page>;
}

function respond(request: IncomingMessage, answer: Answer, { access, pages }: Site): void {
  const target = (request.url ?? "/").split("?", 2);
  const path = target[0] === "/" ? "/status" : (target[0] as string);
  if (!access.isHost(request.headers.host)) {
    answer.text(421, "This server does not go by that name: use its IP address or localhost.\n");
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    // What it sends along is not read.
    answer.text(405, "only GET and HEAD\n", { allow: "GET, HEAD", connection: "close" });
  } else if (path === "/health") answer.text(200, "ok\n");
  else {
    const verdict = access.judge(request.headers, new URLSearchParams(target[1] ?? ""));
    if (verdict.type === "refused") {
      answer.text(401, verdict.text, { "www-authenticate": "Bearer" });
    } else if (verdict.type === "entered") {
      const location = `${pages.has(path) ? path : "/status"}${verdict.search}`;
      answer.text(303, "", { location, "set-cookie": verdict.cookie });
    } else {
      const page = pages.get(path);
      if (page === undefined)
        answer.text(404, `no such page: try ${[...pages.keys()].join(", ")}\n`);
      else answer.send(200, page.body(), { "content-type": page.contentType });
    }
  }
}

const securityHeaders = Object.freeze({
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
});

/** One response; whatever it is, no other site may use it. */
class Answer {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  text(status: number, text: string, headers: Record<string, string> = {}): void {
    this.send(status, text, { "content-type": "text/plain; charset=utf-8", ...headers });
  }

  send(status: number, body: string | Buffer, headers: Record<string, string>): void {
    this.#response.writeHead(status, { ...securityHeaders, ...headers }).end(body);
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
