// The way out: from an address to a connection that has shaken hands, within one time limit.
// Which socket an address means is left to socket-connect, ws-connect and inproc; what is said over
// the connection, and connecting again once it was lost, is for others. Corresponds to `connect` in
// dask's distributed/comm/core.py.
import { setTimeout as delay } from "node:timers/promises";
import { type AcmeError, isAcmeError } from "@acme/protocol";
import { type Address, formatAddress, numericHost, parseAddress } from "./address.js";
import { ConnectError, HandshakeError } from "./errors.js";
import { shakeHands } from "./handshake.js";
import { connectInproc } from "./inproc.js";
import { commLimits } from "./limits.js";
import { MessageConnection } from "./message-connection.js";
import { checkSecurity, isEncrypted } from "./security.js";
import { connectSocket } from "./socket-connect.js";
import { explainHangUp, ownValidity, tlsFailure } from "./tls-errors.js";
import type { Transport } from "./transport.js";
import type { Connection, ConnectOptions, Security } from "./types.js";

/** Back-off between tries: dask's, with jitter. */
const firstPauseMs = 10;
const pauseGrowth = 1.5;
const pauseMaxMs = 1000;

/**
 * Connects and shakes hands.
 *
 * @param address - `tcp://`, `tls://`, `ws://`, `wss://host:port` or `inproc://name`
 * @param options - time limit in milliseconds, certificates, memory for large frames
 * @throws ConnectError, HandshakeError, TlsRequiredError, TlsError, AddressError; what the signal gives as
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
  const attempt = new Attempt(address, options);
  try {
    let pauseMs = firstPauseMs;
    for (;;) {
      try {
        return await tryOnce(parsed, options, attempt.signal);
      } catch (error) {
        attempt.failed(error);
        if (!options.retry || attempt.isHopeless || !isRefusal(error)) throw attempt.failure();
      }
      await attempt.pause(pauseMs);
      pauseMs = Math.min(pauseMs * pauseGrowth, pauseMaxMs);
    }
  } finally {
    attempt.end();
  }
}

/** The time limit, the caller's signal and the last error of one `connect`. */
class Attempt {
  readonly signal: AbortSignal;
  readonly #address: string;
  /** Of encrypted connections. */
  readonly #security: Security | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  readonly #late = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #lastError: unknown;

  constructor(address: string, options: ConnectOptions) {
    const { limits, signal } = options;
    this.#address = address;
    this.#security = isEncrypted(parseAddress(address)) ? options.security : undefined;
    this.#callerSignal = signal;
    this.#timeoutMs = options.timeoutMs ?? limits?.connectTimeoutMs ?? commLimits.connectTimeoutMs;
    this.#timer = setTimeout(() => this.#late.abort(), this.#timeoutMs);
    this.signal = signal ? AbortSignal.any([signal, this.#late.signal]) : this.#late.signal;
  }

  /** Remembers why a try failed; being stopped is no reason of its own. */
  failed(error: unknown): void {
    if (!this.signal.aborted || this.#lastError === undefined) this.#lastError = error;
    if (this.signal.aborted) throw this.failure();
  }

  failure(): AcmeError {
    const cause = this.#lastError;
    if (this.#callerSignal?.aborted) {
      const reason: unknown = this.#callerSignal.reason;
      if (isAcmeError(reason)) return reason;
      return new ConnectError(this.#address, "the caller's signal ended it", { cause: reason });
    }
    if (this.#late.signal.aborted) {
      const why = `no success within ${this.#timeoutMs} ms (${this.#explain(cause)})`;
      return new ConnectError(this.#address, why, { cause });
    }
    if (isAcmeError(cause)) return cause;
    const refused = tlsFailure(this.#address, cause);
    return refused ?? new ConnectError(this.#address, this.#explain(cause), { cause });
  }

  /** Nobody will take the own certificate, whatever is tried. */
  get isHopeless(): boolean {
    return this.#security !== undefined && ownValidity(this.#security) !== undefined;
  }

  /** Node's servers refuse a certificate by hanging up. */
  #explain(cause: unknown): string {
    const hungUp = (cause as { code?: unknown }).code === "ECONNRESET";
    return hungUp && this.#security !== undefined ? explainHangUp(this.#security) : explain(cause);
  }

  async pause(pauseMs: number): Promise<void> {
    const jittered = pauseMs * (0.5 + Math.random());
    await delay(jittered, undefined, { signal: this.signal }).catch((error) => this.failed(error));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

const tlsHint = "if it expects tls, write tls:// or wss://";

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
    connection.isAcmePeer = await shakeHands(connection, address, {
      timeoutMs: limits.handshakeTimeoutMs,
      hangUpMeans: () => (isEncrypted(parsed) ? explainHangUp(options.security) : tlsHint),
    });
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
  const host = await unlessAborted(numericHost(parsed.host || "127.0.0.1"), signal);
  const address = { ...parsed, host };
  const isSocket = address.scheme === "tcp" || address.scheme === "tls";
  if (isSocket) return connectSocket(address, options, signal);
  // Loaded only when needed: few connections are websockets.
  const { connectWebSocket } = await import("./ws-connect.js");
  return connectWebSocket(address, options, signal);
}

/** A name look-up cannot be stopped, but nobody needs to wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function isRefusal(error: unknown): boolean {
  if (error instanceof HandshakeError) return !error.speaksOther;
  const code = (error as { code?: unknown }).code;
  return (
    code === "ECONNREFUSED" ||
    code === "ECONNRESET" ||
    code === "ETIMEDOUT" ||
    code === "CONNECT_FAILED"
  );
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === "ECONNREFUSED") return "nobody listens there; is it running, is the port right?";
  if (typeof code === "string" && code.startsWith("HPE_")) {
    return "no websocket answers there; if it expects tls, write wss://";
  }
  return message ?? String(error);
}
