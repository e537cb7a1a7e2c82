// Operating errors of connections and calls. Each message says what happened, where, and what to
// do next; `code` is what programs look at.
import { AcmeError } from "@acme/protocol";

/** An address cannot be read, or names a transport that does not exist. */
export class AddressError extends AcmeError {
  readonly code = "BAD_ADDRESS";
  readonly address: string;

  constructor(address: string, why: string) {
    super(
      `${why}: ${JSON.stringify(address)}. Write it as scheme://host:port, with one of the ` +
        "schemes tcp, tls, ws, wss, inproc",
    );
    this.address = address;
  }
}

/** No connection could be made. */
export class ConnectError extends AcmeError {
  readonly code = "CONNECT_FAILED";
  readonly address: string;

  constructor(address: string, why: string, options?: { cause?: unknown }) {
    super(`cannot connect to ${address}: ${why}`, options);
    this.address = address;
  }
}

/** A listener could not be opened. */
export class ListenError extends AcmeError {
  readonly code = "LISTEN_FAILED";
  readonly address: string;

  constructor(address: string, why: string, options?: { cause?: unknown }) {
    super(`cannot listen on ${address}: ${why}`, options);
    this.address = address;
  }
}

/** The connection has ended; nothing can be sent or read any more. */
export class ConnectionClosedError extends AcmeError {
  readonly code = "CONNECTION_CLOSED";
  readonly peerAddress: string;
  readonly reason: string;

  constructor(peerAddress: string, reason: string, options?: { cause?: unknown }) {
    super(`connection with ${peerAddress} is closed: ${reason}`, options);
    this.peerAddress = peerAddress;
    this.reason = reason;
  }
}

/** The peer did not say hello as dask's peers do. */
export class HandshakeError extends AcmeError {
  readonly code = "HANDSHAKE_FAILED";
  readonly address: string;
  /** The peer answered in another protocol: trying again is of no use. */
  readonly speaksOther: boolean;

  constructor(
    address: string,
    why: string,
    options: { cause?: unknown; speaksOther?: boolean } = {},
  ) {
    super(`handshake with ${address} failed: ${why}`, options);
    this.address = address;
    this.speaksOther = options.speaksOther ?? false;
  }
}

/** Encryption is required here, or certificates for it are missing. */
export class TlsRequiredError extends AcmeError {
  readonly code = "TLS_REQUIRED";
  readonly address: string;

  constructor(address: string, why: string, options?: { cause?: unknown }) {
    super(`${address}: ${why}`, options);
    this.address = address;
  }
}

/** A peer answered in TLS what was no TLS; told to the handshake as a fault of the bytes. */
export class TlsExpectedError extends AcmeError {
  readonly code = "TLS_EXPECTED";

  constructor() {
    super("it expects TLS: write tls:// or wss://, with the credentials of its cluster");
  }
}

/** The two sides cannot agree on TLS; trying again is of no use. */
export class TlsError extends AcmeError {
  readonly code = "TLS_FAILED";
  readonly address: string;

  constructor(address: string, why: string, options?: { cause?: unknown }) {
    super(`no TLS with ${address}: ${why}`, options);
    this.address = address;
  }
}

/** A call got no reply in time. Its connection was dropped; whether the peer acted is unknown. */
export class RpcTimeoutError extends AcmeError {
  readonly code = "RPC_TIMEOUT";
  readonly address: string;
  readonly op: string;
  readonly timeoutMs: number;

  constructor(address: string, op: string, timeoutMs: number) {
    super(
      `${address} did not answer ${op} within ${timeoutMs} ms: ` +
        "it may be busy or gone; call again or give a longer timeoutMs",
    );
    this.address = address;
    this.op = op;
    this.timeoutMs = timeoutMs;
  }
}

/** A call was aborted by its signal. Its connection was dropped. */
export class RpcAbortedError extends AcmeError {
  readonly code = "RPC_ABORTED";
  readonly address: string;
  readonly op: string;

  constructor(address: string, op: string, options?: { cause?: unknown }) {
    super(`the call of ${op} on ${address} was aborted by its signal`, options);
    this.address = address;
    this.op = op;
  }
}

/** What a peer told about an error in its handler. */
export interface RemoteFailure {
  readonly address: string;
  readonly op: string;
  /** The peer's own words, one line or more. */
  readonly remoteText: string;
  readonly remoteTraceback: string;
  /** `Serialized` (or bytes, from dask) exception as received; opened by whoever can. */
  readonly exception: unknown;
}

/** The peer's handler of a call threw. */
export class RpcError extends AcmeError implements RemoteFailure {
  readonly code = "RPC_FAILED";
  readonly address: string;
  readonly op: string;
  readonly remoteText: string;
  readonly remoteTraceback: string;
  readonly exception: unknown;

  constructor(failure: RemoteFailure) {
    super(`${failure.op} failed on ${failure.address}: ${failure.remoteText}`);
    this.address = failure.address;
    this.op = failure.op;
    this.remoteText = failure.remoteText;
    this.remoteTraceback = failure.remoteTraceback;
    this.exception = failure.exception;
  }
}
