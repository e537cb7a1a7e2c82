// The first message of every connection, both ways at once, as dask's peers do it. We never agree
// on compression, so nothing that passes through us is ever compressed for us.
import { acmeProtocol, isAcmeError, type WireValue } from "@acme/protocol";
import { ConnectionClosedError, HandshakeError, TlsRequiredError } from "./errors.js";
import type { Connection } from "./types.js";

const foreign =
  "what answers there does not speak dask's protocol; is it the port of another program, or one " +
  "for http such as a dashboard's?";

/** dask's fields, and which of ours we are; dask's peers read past that. */
const ours = {
  compression: null,
  python: [3, 11, 2],
  "pickle-protocol": 5,
  acme: acmeProtocol,
};

export interface HandshakeOptions {
  /** How long the peer may take. */
  readonly timeoutMs: number;
  /** Why a peer may have hung up without a word, if more is known than that. */
  readonly hangUpMeans?: (() => string) | undefined;
}

/**
 * Says hello and waits for the peer's hello. On failure the connection is aborted.
 *
 * @param connection - a fresh connection
 * @param address - how the caller calls the peer, for messages
 * @returns whether the peer is one of ours
 * @throws HandshakeError, TlsRequiredError if the peer answers in TLS
 */
export async function shakeHands(
  connection: Connection,
  address: string,
  { timeoutMs, hangUpMeans }: HandshakeOptions,
): Promise<boolean> {
  const late = `no answer within ${timeoutMs} ms; is it a dask or acme address?`;
  const timer = setTimeout(() => connection.abort(late), timeoutMs);
  try {
    connection.send(ours);
    return isOurs(await connection.read(), address);
  } catch (error) {
    connection.abort("handshake failed");
    if (!(error instanceof ConnectionClosedError)) throw error;
    if (isAcmeError(error.cause, "TLS_EXPECTED")) {
      throw new TlsRequiredError(address, error.reason, { cause: error });
    }
    throw failure(error, address, error.reason === late ? undefined : hangUpMeans?.());
  } finally {
    clearTimeout(timer);
  }
}

function failure(error: ConnectionClosedError, address: string, also?: string): HandshakeError {
  const speaksOther =
    isAcmeError(error.cause, "LIMIT_EXCEEDED") || isAcmeError(error.cause, "WIRE_FORMAT");
  const why = speaksOther ? foreign : error.reason;
  const message = also === undefined ? why : `${why}; ${also}`;
  return new HandshakeError(address, message, { cause: error, speaksOther });
}

function isOurs(hello: WireValue, address: string): boolean {
  const fields = hello instanceof Map ? hello : new Map<unknown, unknown>();
  if (typeof fields.get("pickle-protocol") === "number") return fields.get("acme") === acmeProtocol;
  throw new HandshakeError(address, "its first message is no dask handshake; check the port");
}
