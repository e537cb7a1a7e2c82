// Calls to many servers over kept connections, one call at a time on each. What the ops mean is
// the caller's business.
import { encodeMessage, type WireMap, type WireValue } from "@acme/protocol";
import { CallDeadline } from "./call-deadline.js";
import { connect } from "./connect.js";
import { rpcErrorOf } from "./error-reply.js";
import { commLimits } from "./limits.js";
import { PoolSlots } from "./pool-slots.js";
import type { CallOptions } from "./rpc-types.js";
import type { CommOptions, Connection } from "./types.js";

export interface RpcPoolOptions extends CommOptions {
  /** Time to make one connection; default `limits.connectTimeoutMs`. */
  connectTimeoutMs?: number | undefined;
}

/** A request: a map with an op, as an object or a Map. */
export type RpcRequest = { readonly op: string } | WireMap;

/**
 * Calls servers by address. Connections are made when needed and kept; a call that is timed out
 * or aborted drops its connection, because a late reply would meet the next call.
 *
 * @example
 * ```ts
 * const pool = new RpcPool();
 * const address = "tcp://127.0.0.1:8786";
 * const identity = await pool.call(address, { op: "identity" }, { timeoutMs: 5000 });
 * await pool.close();
 * ```
 */
export class RpcPool {
  readonly #options: RpcPoolOptions;
  readonly #slots: PoolSlots;

  constructor(options: RpcPoolOptions = {}) {
    this.#options = options;
    this.#slots = new PoolSlots({ ...commLimits, ...options.limits });
  }

  /** Connections that exist or are being made. */
  get connectionCount(): number {
    return this.#slots.taken;
  }

  /**
   * Sends a request and waits for its reply.
   *
   * @param address - of the server
   * @param request - a map with an op; with `reply: false` nothing is waited for and the result
   *   is null
   * @returns the reply as decoded; a reply with `status: "error"` is returned, not thrown
   * @throws RpcError if the handler threw, RpcTimeoutError, RpcAbortedError, ConnectError,
   *   HandshakeError, ConnectionClosedError, WireFormatError if the request has no wire form
   */
  async call(address: string, request: RpcRequest, options: CallOptions = {}): Promise<WireValue> {
    const frames = encodeMessage(request);
    const { op, reply: wantsReply } = readHead(request);
    const deadline = new CallDeadline(address, op, options);
    try {
      const connection = await this.#take(address, deadline);
      deadline.stops((error) => connection.abort(error.message));
      const reply = await exchange(connection, frames, wantsReply);
      if (options.acknowledge && connection.isOpen && hasStatusOk(reply)) connection.send("OK");
      this.#slots.release(connection);
      const failure = rpcErrorOf(reply, { address, op });
      if (failure !== undefined) throw failure;
      return reply;
    } catch (error) {
      throw deadline.error ?? error;
    } finally {
      deadline.end();
    }
  }

  /** Ends all connections with a server that is known to be gone; calls to it fail at once. */
  forget(address: string): void {
    this.#slots.forget(address, "the peer is known to be gone");
  }

  /** Ends all connections. Calls that are waiting fail with ConnectionClosedError. */
  close(): Promise<void> {
    return this.#slots.close();
  }

  async #take(address: string, deadline: CallDeadline): Promise<Connection> {
    const slot = await this.#slots.take(address, deadline);
    if (slot !== "may-connect") return slot;
    const stop = new AbortController();
    deadline.stops((error) => stop.abort(error));
    try {
      const connection = await connect(address, {
        ...this.#options,
        timeoutMs: this.#options.connectTimeoutMs,
        signal: stop.signal,
      });
      this.#slots.connected(connection, address);
      return connection;
    } catch (error) {
      this.#slots.connectFailed();
      throw error;
    }
  }
}

async function exchange(
  connection: Connection,
  frames: Uint8Array[],
  wantsReply: boolean,
): Promise<WireValue> {
  connection.sendEncoded(frames);
  return wantsReply ? await connection.read() : null;
}

function readHead(request: RpcRequest): { op: string; reply: boolean } {
  const field = (name: string): unknown =>
    request instanceof Map ? request.get(name) : (request as Record<string, unknown>)[name];
  return { op: String(field("op")), reply: field("reply") !== false };
}

function hasStatusOk(reply: WireValue): boolean {
  return reply instanceof Map && reply.get("status") === "OK";
}
