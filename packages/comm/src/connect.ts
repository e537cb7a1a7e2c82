// The way out: from an address to a connection that has shaken hands, within one time limit.
import { setTimeout as delay } from "node:timers/promises";
import { type AcmeError, isAcmeError } from "@acme/protocol";
import { type Address, formatAddress, numericHost, parseAddress } from "./address.js";
import { ConnectError } from "./errors.js";
import { shakeHands } from "./handshake.js";
import { connectInproc } from "./inproc.js";
import { commLimits } from "./limits.js";
import { MessageConnection } from "./message-connection.js";
import { checkSecurity } from "./security.js";
import { connectSocket } from "./socket-connect.js";
import type { Transport } from "./transport.js";
import type { Connection, ConnectOptions } from "./types.js";
import { connectWebSocket } from "./ws-connect.js";

/** Back-off between tries: dask's, with jitter. */
const firstPauseMs = 10;
const pauseGrowth = 1.5;
const pauseMaxMs = 1000;

/**
 * Connects and shakes hands.
 *
 * @param address - `tcp://`, `tls://`, `ws://`, `wss://host:port` or `inproc://name`
 * @param options - time limit in milliseconds, certificates, memory for large frames
 * @throws ConnectError, HandshakeError, TlsRequiredError, AddressError; what the signal gives as
 *   its reason if that is an acme error, else ConnectError
 * @example
 * ```ts
 * const connection = await connect("tcp://127.0.0.1:8786", { timeoutMs: 5000 });
 * connection.send({ op: "identity" });
 * const identity = await connection.read();
 * await connection.close();
 * ```
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<Connection> {
  const parsed = parseAddress(address);
  checkSecurity(parsed, options.security);
  const limits = { ...commLimits, ...options.limits };
  const timeoutMs = options.timeoutMs ?? limits.connectTimeoutMs;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal;
  const failure = (cause: unknown): AcmeError => {
    if (late.signal.aborted) {
      return new ConnectError(address, `no success within ${timeoutMs} ms`, { cause });
    }
    const reason: unknown = options.signal?.aborted ? options.signal.reason : cause;
    if (isAcmeError(reason)) return reason;
    return new ConnectError(address, explain(reason), { cause: reason });
  };
  try {
    let pauseMs = firstPauseMs;
    for (;;) {
      try {
        return await tryOnce(parsed, options, signal);
      } catch (error) {
        if (!options.retry || signal.aborted || !isRefusal(error)) throw failure(error);
      }
      await delay(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch((error) => {
        throw failure(error);
      });
      pauseMs = Math.min(pauseMs * pauseGrowth, pauseMaxMs);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function tryOnce(
  parsed: Address,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const connection = new MessageConnection(await openTransport(parsed, options, signal), options);
  const address = formatAddress(parsed.scheme, parsed.host, parsed.port);
  const onAbort = (): void => connection.abort("connecting was given up");
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const limits = { ...commLimits, ...options.limits };
    await shakeHands(connection, address, limits.handshakeTimeoutMs);
    return connection;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function openTransport(
  parsed: Address,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Transport> {
  if (parsed.scheme === "inproc") return connectInproc(parsed.host);
  const address = { ...parsed, host: await numericHost(parsed.host || "127.0.0.1") };
  signal.throwIfAborted();
  const isSocket = address.scheme === "tcp" || address.scheme === "tls";
  return isSocket
    ? connectSocket(address, options, signal)
    : connectWebSocket(address, options, signal);
}

function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return (
    code === "ECONNREFUSED" ||
    code === "ECONNRESET" ||
    code === "ETIMEDOUT" ||
    code === "CONNECT_FAILED" ||
    code === "HANDSHAKE_FAILED"
  );
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === "ECONNREFUSED") return "nobody listens there; is it running, is the port right?";
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG") {
    return "the peer does not speak TLS; use tcp:// or ws:// or give it certificates";
  }
  return message ?? String(error);
}
