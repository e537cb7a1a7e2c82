// Conversations of an authenticated peer with the real processes: it registers, or asks, as the
// protocol wants it, and then says things of its own. One session is one connection and one seed.
import { type Connection, connect, type Security } from "@acme/comm";
import { decodeMessage, encodeMessage, isAcmeError, type WireMap } from "@acme/protocol";
import { Random } from "../sim/random.js";
import {
  type Direction,
  directions,
  type Input,
  type InputOptions,
  makeInput,
  makeInputOf,
} from "./directions.js";
import type { Flight, Making, Vocabulary } from "./vocabulary.js";

export interface SessionOptions {
  readonly seed: number;
  /** Sessions before this one: all kinds of sessions come round. */
  readonly number: number;
  readonly names: Vocabulary;
  readonly security: Security;
  /** Where the receiver of each direction listens. */
  readonly address: (direction: Direction, random: Random) => string;
  /** Called with each message that was sent before the peer had a reason to close. */
  readonly onInput: (input: Input) => void;
  readonly input: InputOptions;
  /** Also what makes others lose their work. */
  readonly harsh: boolean;
}

const messagesPerSession = 150;
/** Of the messages that end a stream; with all of them it would be over after a few. */
const unreadableShare = 0.04;
const replyTimeoutMs = 1_500;
const endTimeoutMs = 3_000;
const flightsKept = 64;

/** Streams need a registration; requests do not. */
const kinds = ["client", "client", "worker", "worker", "scheduler", "peer", "nanny"] as const;

/** Runs one session to its end. Never rejects for what a peer does. */
export async function runSession(options: SessionOptions): Promise<void> {
  const session = new Session(options);
  try {
    await session.run();
  } catch (error) {
    if (!isAcmeError(error)) throw error;
  }
}

class Session {
  readonly #options: SessionOptions;
  readonly #random: Random;
  #flights: Flight[] = [];
  #replies = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  async run(): Promise<void> {
    const kind = kinds[this.#options.number % kinds.length] ?? "client";
    if (kind === "client" || kind === "worker") await this.#stream(kind);
    else if (kind === "scheduler") await this.#requests("scheduler rpc");
    else await this.#requests(kind === "peer" ? "worker rpc" : "nanny rpc");
  }

  get #making(): Making {
    return { random: this.#random, names: this.#options.names, flights: this.#flights };
  }

  async #connect(direction: Direction): Promise<Connection> {
    const { address, security } = this.#options;
    return await connect(address(direction, this.#random), { security, timeoutMs: 10_000 });
  }

  async #stream(kind: "client" | "worker"): Promise<void> {
    const connection = await this.#connect("scheduler rpc");
    const sound = this.#random.chance(0.9) ? 1 : 0;
    const register = makeInputOf("scheduler rpc", `register-${kind}`, this.#making, { sound });
    this.#send(connection, register);
    const reply = await before(replyTimeoutMs, connection.read());
    if (reply === undefined || !isWelcome(reply)) return this.#end(connection);
    connection.onMessages((batch) => this.#hear(batch));
    const direction = `${kind} stream` as const;
    const most = this.#random.whole(1, 2 * messagesPerSession);
    for (let sent = 0; sent < most && connection.isOpen; sent++) {
      if (!this.#send(connection, this.#make(direction))) break;
      // A turn in which what was asked for can come back.
      if (sent % 16 === 15) await turn();
    }
    await this.#end(connection);
  }

  async #requests(direction: Direction): Promise<void> {
    const connection = await this.#connect(direction);
    connection.onMessages((batch) => {
      this.#replies += batch.length;
    });
    const most = this.#random.whole(1, messagesPerSession);
    for (let sent = 0; sent < most && connection.isOpen; sent++) {
      const input = this.#make(direction);
      if (input.op === "register-client" || input.op === "register-worker") continue;
      this.#send(connection, input);
      // The connection is no rpc one any more.
      if (input.op === "register_nanny") break;
      if (sent % 16 === 15) await turn();
    }
    await this.#end(connection);
  }

  #make(direction: Direction): Input {
    const input = makeInput(direction, this.#making, this.#options.input);
    // Without a target it would pick real workers.
    if (input.op === "retire_workers" && !this.#options.harsh) input.message.delete("n");
    return input;
  }

  /** Sends one message. @returns false if the peer must close the connection for it */
  #send(connection: Connection, input: Input): boolean {
    let frames: Uint8Array[];
    try {
      frames = encodeMessage(input.message);
    } catch (error) {
      if (isAcmeError(error)) return true;
      throw error;
    }
    if (!connection.isOpen) return false;
    const endsStream = input.direction.endsWith("stream") && !isReadable(input.direction, frames);
    if (endsStream && !this.#random.chance(unreadableShare)) return true;
    connection.sendEncoded(frames);
    this.#options.onInput(input);
    return !endsStream;
  }

  #hear(batch: readonly unknown[]): void {
    for (const message of batch.flat()) {
      if (!(message instanceof Map) || message.get("op") !== "compute-task") continue;
      this.#flights.push({ key: message.get("key"), runId: message.get("run_id") });
    }
    this.#flights = this.#flights.slice(-flightsKept);
  }

  /** Mostly in good order, so that the peer reads all of it; sometimes at once. */
  async #end(connection: Connection): Promise<void> {
    if (this.#random.chance(0.15)) {
      await turn();
      connection.abort();
      return;
    }
    const ended = await before(endTimeoutMs, connection.close());
    if (ended === undefined) connection.abort();
  }
}

function isReadable(direction: Direction, frames: readonly Uint8Array[]): boolean {
  try {
    directions[direction].read(decodeMessage(frames));
    return true;
  } catch {
    return false;
  }
}

function isWelcome(reply: unknown): boolean {
  if (Array.isArray(reply)) return true;
  return reply instanceof Map && (reply as WireMap).get("status") === "OK";
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** undefined if it takes longer. */
async function before<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  // It may still fail when nobody waits any more.
  work.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
