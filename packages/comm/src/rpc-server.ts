// Answers requests on one connection, one at a time and in order, as every dask server does. What
// the ops mean is the handlers' business.
import {
  AcmeError,
  encodePlainError,
  isAcmeError,
  type Pickled,
  type Serialized,
  WireFormatError,
  type WireMap,
  type WireValue,
} from "@acme/protocol";
import { errorReply } from "./error-reply.js";
import { ConnectionClosedError } from "./errors.js";
import type { RpcContext, RpcHandler, RpcHandlers, ServeOptions } from "./rpc-types.js";
import type { Connection } from "./types.js";

/** How serving ended: the connection did, or a handler took it over. */
export type ServeEnd = "closed" | "taken-over";

/**
 * Serves requests until the connection ends or a handler takes it over.
 *
 * @param connection - fresh from `listen`; nobody else may read it
 * @param handlers - one per op; `close` is answered here. An op without handler is answered with
 *   an uncaught-error that names it
 * @returns how it ended; never rejects for what a peer does
 * @example
 * ```ts
 * const listener = await listen("tcp://127.0.0.1:0", {
 *   onConnection: (connection) => void serve(connection, { ping: () => "pong" }),
 * });
 * ```
 */
export function serve(
  connection: Connection,
  handlers: RpcHandlers,
  options: ServeOptions = {},
): Promise<ServeEnd> {
  return new RpcServer(connection, handlers, options).run();
}

class RpcServer {
  readonly #connection: Connection;
  readonly #find: (op: string) => RpcHandler | undefined;
  readonly #encodeError: (error: unknown) => Serialized | Pickled;
  readonly #options: ServeOptions;
  readonly #gone = new AbortController();

  constructor(connection: Connection, handlers: RpcHandlers, options: ServeOptions) {
    this.#connection = connection;
    this.#find = handlerLookup(handlers);
    const { encodeError } = options;
    this.#encodeError = (error) =>
      encodeError === undefined ? encodePlainError(error) : encodeError(error, connection);
    this.#options = options;
  }

  async run(): Promise<ServeEnd> {
    void this.#connection.closed.then((info) => this.#gone.abort(new Error(info.reason)));
    try {
      for (;;) {
        const message = await this.#connection.read();
        // The confirmation of a reply whose handler did not wait for one.
        if (message === "OK") continue;
        const end = await this.#answer(readRequest(message));
        if (end !== undefined) return end;
      }
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) this.#refuse(error);
      return "closed";
    }
  }

  async #answer(request: Request): Promise<ServeEnd | undefined> {
    if (request.op === "close") {
      if (request.reply) this.#connection.send("OK");
      await this.#connection.close({ reason: "the peer asked for it" });
      return "closed";
    }
    const turn = new RequestTurn(this.#connection, this.#gone.signal);
    const reply = await this.#handle(request, turn);
    if (turn.takenOver) return this.#endTurnOver(turn);
    if (request.reply) this.#reply(request, reply);
    if (request.close) {
      await this.#connection.close({ reason: "the peer asked for it with its request" });
      turn.ackFailed();
      return "closed";
    }
    await turn.settleAck();
    return undefined;
  }

  async #handle(request: Request, turn: RequestTurn): Promise<WireValue | object> {
    try {
      const handler = this.#find(request.op);
      if (handler === undefined) throw new UnknownOpError(request.op);
      const reply = handler(request.fields, turn);
      return (reply instanceof Promise ? await reply : reply) ?? null;
    } catch (error) {
      turn.fail();
      this.#logFailure(request.op, error);
      return errorReply(error, this.#encodeError);
    }
  }

  /** Nobody else would end a connection whose new owner failed. */
  #endTurnOver(turn: RequestTurn): ServeEnd {
    if (!turn.failed) return "taken-over";
    this.#connection.abort("its handler failed after taking the connection over");
    return "closed";
  }

  /** A reply that has no wire form is the handler's mistake: the caller is told, not left alone. */
  #reply(request: Request, reply: WireValue | object): void {
    try {
      this.#connection.send(reply);
    } catch (error) {
      if (!isAcmeError(error, "WIRE_FORMAT")) throw error;
      this.#logFailure(request.op, error);
      this.#connection.send(errorReply(error, this.#encodeError));
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof AcmeError)) throw error;
    // A full queue has closed the connection and said so.
    if (!this.#connection.isOpen) return;
    this.#connection.abort(error.message);
    const { peerAddress } = this.#connection;
    const message = `closed the connection with ${peerAddress}: ${error.message}`;
    this.#options.onLog?.({ level: "warn", event: "bad-request", message, peerAddress, error });
  }

  #logFailure(op: string, caught: unknown): void {
    const { peerAddress } = this.#connection;
    const error = caught instanceof Error ? caught : new Error(String(caught));
    const message = `${op.slice(0, 100)} from ${peerAddress} failed: ${error.message}`;
    this.#options.onLog?.({ level: "warn", event: "request-failed", message, peerAddress, error });
  }
}

/** One request while it is being handled. */
class RequestTurn implements RpcContext {
  readonly connection: Connection;
  readonly peerAddress: string;
  readonly signal: AbortSignal;
  takenOver = false;
  failed = false;
  #onAck: ((confirmed: boolean) => void) | undefined;

  constructor(connection: Connection, signal: AbortSignal) {
    this.connection = connection;
    this.peerAddress = connection.peerAddress;
    this.signal = signal;
  }

  takeOver(): Connection {
    this.takenOver = true;
    return this.connection;
  }

  expectAck(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#onAck = resolve;
    });
  }

  fail(): void {
    this.failed = true;
    this.ackFailed();
  }

  ackFailed(): void {
    this.#onAck?.(false);
    this.#onAck = undefined;
  }

  async settleAck(): Promise<void> {
    if (this.#onAck === undefined) return;
    let message: WireValue;
    try {
      message = await this.connection.read();
    } catch (error) {
      this.ackFailed();
      throw error;
    }
    if (message !== "OK") {
      this.ackFailed();
      throw new WireFormatError('expected the bare "OK" that confirms the reply before');
    }
    this.#onAck(true);
  }
}

interface Request {
  op: string;
  reply: boolean;
  close: boolean;
  fields: WireMap;
}

function readRequest(message: WireValue): Request {
  const op = message instanceof Map ? (message.get("op") as WireValue | undefined) : undefined;
  if (!(message instanceof Map) || typeof op !== "string") {
    throw new WireFormatError("a request must be a map with an op");
  }
  const fields: WireMap = message;
  return { op, reply: fields.get("reply") !== false, close: fields.get("close") === true, fields };
}

function handlerLookup(handlers: RpcHandlers): (op: string) => RpcHandler | undefined {
  if (handlers instanceof Map) return (op) => handlers.get(op);
  const table = new Map(Object.entries(handlers as Readonly<Record<string, RpcHandler>>));
  return (op) => table.get(op);
}

class UnknownOpError extends AcmeError {
  readonly code = "UNKNOWN_OP";

  constructor(op: string) {
    super(
      `unknown op ${JSON.stringify(op.slice(0, 100))}: this server has no handler of that name`,
    );
  }
}
