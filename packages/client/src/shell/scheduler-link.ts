// One connection to the scheduler: registration, then a stream both ways. Knows how to speak, not
// what is said.
import { type CloseInfo, type Connection, connect, type Security, Stream } from "@acme/comm";
import {
  acmeProtocol,
  type ClientId,
  type ClientToScheduler,
  type SchedulerToClient,
  schedulerToClient,
  type WireMap,
} from "@acme/protocol";
import { RegistrationError } from "../errors.js";
import { clientLimits } from "../limits.js";
import { toDask } from "./dask-dialect.js";
import { hostVersions } from "./versions.js";

export interface LinkOptions {
  readonly address: string;
  readonly client: ClientId;
  readonly security: Security | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onMessages: (messages: SchedulerToClient[]) => void;
  /** What the scheduler has to say about versions that differ. */
  readonly onWarning: (message: string) => void;
  /** The connection ended; `dismissed`: the scheduler said goodbye. Not called before `open`. */
  readonly onClose: (info: CloseInfo, dismissed: boolean) => void;
}

export class SchedulerLink {
  /** The scheduler is one of dask's own, in Python. */
  readonly isDask: boolean;
  readonly #stream: Stream;
  readonly #onMessages: LinkOptions["onMessages"];
  #dismissed = false;

  private constructor(stream: Stream, isDask: boolean, options: LinkOptions) {
    this.#stream = stream;
    this.isDask = isDask;
    this.#onMessages = options.onMessages;
  }

  /** @throws ConnectError, HandshakeError, RegistrationError */
  static async open(options: LinkOptions): Promise<SchedulerLink> {
    const { address, client, security, timeoutMs, signal } = options;
    const connection = await connect(address, { security, timeoutMs, signal, retry: true });
    const isDask = await askKind(connection, options);
    const registered = deferred();
    let open = false;
    const stream = new Stream(connection, {
      onBatch: (batch) => {
        // Dask's scheduler misses packages of Python in us.
        const told = isDask ? { ...options, onWarning: () => {} } : options;
        const messages = open ? batch : takeReply(told, batch, registered);
        open = true;
        if (messages.length > 0) link.#receive(messages, options);
      },
      onClose: (info) => {
        registered.reject(new RegistrationError(address, `the connection ended: ${info.reason}`));
        if (open) options.onClose(info, link.#dismissed);
      },
    });
    const link = new SchedulerLink(stream, isDask, options);
    const timer = setTimeout(() => connection.abort("registration took too long"), timeoutMs);
    try {
      connection.send({
        op: "register-client",
        client,
        reply: false,
        versions: isDask ? {} : hostVersions(),
        ...(isDask ? {} : { acme: acmeProtocol }),
      });
      await registered.promise;
      return link;
    } catch (error) {
      open = false;
      connection.abort("registration failed");
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** In several documents if there are many keys: a scheduler reads one without pause. */
  send(messages: readonly ClientToScheduler[]): void {
    if (this.isDask) this.#sendToDask(messages);
    else this.#sendInParts(messages);
  }

  #sendToDask(messages: readonly ClientToScheduler[]): void {
    const { messages: translated, replies } = toDask(messages);
    if (translated.length > 0) this.#stream.send(translated as never);
    if (replies.length > 0) setImmediate(() => this.#onMessages(replies));
  }

  #sendInParts(messages: readonly ClientToScheduler[]): void {
    let start = 0;
    let keys = 0;
    messages.forEach((message, i) => {
      const more = keyCount(message);
      if (i > start && keys + more > clientLimits.keysPerMessage) {
        this.#stream.pushAll(messages.slice(start, i));
        start = i;
        keys = 0;
      }
      keys += more;
    });
    this.#stream.send(start === 0 ? messages : messages.slice(start));
  }

  /** Says goodbye and ends; resolves when it has ended. */
  async close(): Promise<void> {
    if (!this.#stream.isOpen) return;
    this.#stream.push({ op: "close-client" });
    const timer = setTimeout(
      () => this.abort("the scheduler did not say goodbye"),
      clientLimits.closeMs,
    );
    await this.#stream.close({ reason: "the client is closed" });
    clearTimeout(timer);
  }

  abort(reason: string): void {
    this.#stream.connection.abort(reason);
  }

  #receive(batch: readonly WireMap[], options: LinkOptions): void {
    const messages: SchedulerToClient[] = [];
    for (const each of batch) {
      const message = schedulerToClient.read(each);
      // A scheduler of a later version may say more than this client knows.
      if (message.op === null) continue;
      if (message.op === "close" || message.op === "stream-closed") this.#dismissed = true;
      messages.push(message);
    }
    options.onMessages(messages);
  }
}

function keyCount(message: ClientToScheduler): number {
  if (message.op === "update-graph") return message.graph?.keys.length ?? 0;
  return "keys" in message ? message.keys.length : 0;
}

/**
 * Asked before registering: a scheduler in Python takes ours for a mistake.
 *
 * @returns whether it is one
 */
async function askKind(connection: Connection, options: LinkOptions): Promise<boolean> {
  const timer = setTimeout(() => connection.abort("it did not say who it is"), options.timeoutMs);
  try {
    connection.send({ op: "identity", n_workers: 0 });
    const identity = await connection.read();
    if (identity instanceof Map && identity.get("acme") !== undefined) return false;
    if (identity instanceof Map && identity.get("type") === "Scheduler") return true;
    throw new RegistrationError(options.address, "it is no scheduler; give the address of one");
  } catch (error) {
    connection.abort("it is no scheduler");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The first message is the reply to the registration; returns what came right after it. */
function takeReply(options: LinkOptions, batch: WireMap[], registered: Deferred): WireMap[] {
  const { address, onWarning } = options;
  const [reply, ...rest] = batch;
  const warning = reply?.get("warning");
  if (typeof warning === "string") onWarning(warning);
  const error = reply?.get("error") || (reply?.get("status") === "error" && reply.get("message"));
  if (error) registered.reject(new RegistrationError(address, String(error)));
  else if (reply?.get("op") === "stream-start") registered.resolve();
  else registered.reject(new RegistrationError(address, "its answer is no stream-start"));
  return rest;
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function deferred(): Deferred {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
