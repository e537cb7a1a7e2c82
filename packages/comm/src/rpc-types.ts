// What a handler of requests and a caller hold on to. Only types.
// How requests travel and are answered stands in rpc-server.ts and rpc-pool.ts; what they
// mean, nowhere in this package.
import type { Pickled, Serialized, WireMap, WireValue } from "@acme/protocol";
import type { Connection, OnLog } from "./types.js";

/** What a handler knows about where a request came from. */
export interface RpcContext {
  readonly connection: Connection;
  readonly peerAddress: string;
  /** Aborts when the connection ends: nobody will read the reply. */
  readonly signal: AbortSignal;
  /**
   * The connection stops serving requests and belongs to the handler, which sends its own reply
   * and usually turns it into a {@link Stream}. What the handler returns is not sent.
   */
  takeOver(): Connection;
  /**
   * The caller will confirm the reply of this request with a bare "OK" (as dask's get_data does)
   * before its next request. Resolves true when it did, false when it never will.
   */
  expectAck(): Promise<boolean>;
}

/** Answers one op. A thrown error becomes dask's uncaught-error reply. */
export type RpcHandler = (request: WireMap, context: RpcContext) => RpcReply | Promise<RpcReply>;

/** Any message; undefined is sent as nil. */
export type RpcReply = WireValue | object | undefined;

export type RpcHandlers = ReadonlyMap<string, RpcHandler> | Readonly<Record<string, RpcHandler>>;

export interface ServeOptions {
  /** How an error travels; the default carries name, message and stack. */
  encodeError?: ((error: unknown, peer: Connection) => Serialized | Pickled) | undefined;
  onLog?: OnLog | undefined;
}

export interface CallOptions {
  /** From the call to the reply, waiting for a connection included; default: no limit. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Confirm a reply whose status is "OK" with a bare "OK", as dask's get_data wants. */
  acknowledge?: boolean | undefined;
}
