// The network between simulated processes: connections that keep order and have their own delay,
// that break with a lost suffix, and whose two ends notice at different times. Every message goes
// through the real codec. Must not know what messages mean. Requests are in rpc.ts.
import { decodeMessage, encodeMessage, type WireMap, type WireValue } from "@acme/protocol";
import type { Clock } from "./clock.js";
import type { Random } from "./random.js";
import type { SimProcess } from "./sim-process.js";
import { show, type Trace } from "./trace.js";

export interface SocketHandlers {
  onMessage: (message: WireValue) => void;
  onClose: (reason: string) => void;
}

export interface Listener {
  readonly process: SimProcess;
  onConnection: (socket: Socket) => SocketHandlers;
  /** `gone` tells when the caller is no longer there. */
  onRequest: (request: WireMap, call: IncomingCall) => void;
}

export interface IncomingCall {
  reply: (value: WireValue | object) => void;
  /** The caller is gone, or will take no answer any more. */
  onGone: (act: () => void) => void;
  /** The caller has confirmed the reply, or never will. */
  onConfirmed: (act: () => void) => void;
}

/** How bad the network is at present; the chaos changes it. */
export interface Weather {
  /** Parts of all calls that are lost, on the way there or back. */
  lostCalls: number;
  /** Parts of all repeatable calls that arrive twice. */
  repeatedCalls: number;
}

export class Network {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
  readonly weather: Weather = { lostCalls: 0, repeatedCalls: 0 };
  readonly listeners = new Map<string, Listener>();
  readonly connections = new Set<Connection>();
  /** Pairs of hosts that cannot reach each other, and until when. */
  readonly #walls = new Map<string, number>();
  messages = 0;

  constructor(clock: Clock, random: Random, trace: Trace) {
    this.clock = clock;
    this.random = random;
    this.trace = trace;
  }

  listen(address: string, listener: Listener): void {
    this.listeners.set(address, listener);
    listener.process.onDeath(() => {
      if (this.listeners.get(address) === listener) this.listeners.delete(address);
    });
  }

  /** The listener at an address, as seen from a process: null if it cannot be reached. */
  reach(from: SimProcess, address: string): Listener | null {
    const listener = this.listeners.get(address);
    if (listener === undefined || !listener.process.isAlive) return null;
    return this.isWalled(from, listener.process) ? null : listener;
  }

  isWalled(a: SimProcess, b: SimProcess): boolean {
    const untilMs = this.#walls.get(pairOf(a, b));
    return untilMs !== undefined && untilMs > this.clock.nowMs;
  }

  /** Cuts everything between two processes for a while; neither end is told soon. */
  wall(a: SimProcess, b: SimProcess, forMs: number): void {
    this.#walls.set(pairOf(a, b), this.clock.nowMs + forMs);
    for (const connection of [...this.connections]) {
      if (connection.isBetween(a, b)) connection.cut(this.lateNoticeMs(), this.lateNoticeMs());
    }
  }

  removeWalls(): void {
    this.#walls.clear();
  }

  delayMs(): number {
    return this.random.skewed(0.05, this.random.chance(0.03) ? 60 : 4);
  }

  /** When an end notices by itself that nothing comes any more. */
  lateNoticeMs(): number {
    return this.random.chance(0.4) ? this.random.between(1, 200) : this.random.between(500, 12_000);
  }

  /** Opens a connection; `done(null)` if there is nobody. */
  connect(
    from: SimProcess,
    address: string,
    handlers: SocketHandlers,
    done: (socket: Socket | null) => void,
  ): void {
    this.clock.after(this.delayMs(), () => {
      const listener = this.reach(from, address);
      if (listener === null || !from.isAlive) {
        from.after(this.delayMs(), () => done(null));
        return;
      }
      const connection = new Connection(this, from, listener.process);
      connection.sockets[0].handlers = handlers;
      connection.sockets[1].handlers = listener.onConnection(connection.sockets[1]);
      from.after(this.delayMs(), () => done(connection.sockets[0]));
    });
  }

  encode(message: WireValue | object): Uint8Array[] {
    return encodeMessage(message);
  }

  decode(frames: readonly Uint8Array[], who: string): WireValue {
    this.messages += 1;
    for (const frame of frames) this.trace.bytes(frame);
    this.trace.number(this.clock.nowMs % 2 ** 31);
    const value = decodeMessage(frames);
    this.trace.line(who, () => show(value));
    return value;
  }
}

const pairOf = (a: SimProcess, b: SimProcess): string =>
  a.name < b.name ? `${a.name}|${b.name}` : `${b.name}|${a.name}`;

/** One end of a connection. */
export class Socket {
  readonly connection: Connection;
  readonly side: 0 | 1;
  readonly process: SimProcess;
  handlers: SocketHandlers = { onMessage: () => {}, onClose: () => {} };
  isOpen = true;
  /** Messages that left this end, and those that reached the other. */
  sent = 0;
  arrived = 0;
  /** Messages with this number and later ones never arrive. */
  lostFrom = Number.POSITIVE_INFINITY;
  lastArrivalMs = 0;

  constructor(connection: Connection, side: 0 | 1, process: SimProcess) {
    this.connection = connection;
    this.side = side;
    this.process = process;
  }

  get peer(): Socket {
    return this.connection.sockets[1 - this.side] as Socket;
  }

  send(message: WireValue | object): void {
    if (!this.isOpen) return;
    const { network } = this.connection;
    const number = this.sent++;
    if (number >= this.lostFrom) return;
    const frames = network.encode(message);
    const jitter = 0.5 + network.random.next();
    const atMs = network.clock.nowMs + this.connection.delayMs * jitter;
    this.lastArrivalMs = Math.max(this.lastArrivalMs, atMs);
    network.clock.at(this.lastArrivalMs, () => {
      if (number >= this.lostFrom) return;
      this.arrived = number + 1;
      const { peer } = this;
      peer.process.do(() => {
        if (!peer.isOpen) return;
        const who = `${this.process.name}>${peer.process.name}`;
        peer.handlers.onMessage(network.decode(frames, who));
      });
    });
  }

  /** Sends the messages of one step; chance decides where one flush ends. */
  sendBatch(messages: readonly object[]): void {
    const { random } = this.connection.network;
    let start = 0;
    while (start < messages.length) {
      const rest = messages.length - start;
      const count = random.chance(0.7) ? rest : random.whole(1, rest);
      this.send(messages.slice(start, start + count));
      start += count;
    }
  }

  /** Ends the connection after what was sent. */
  close(reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { network } = this.connection;
    const atMs = Math.max(this.lastArrivalMs, network.clock.nowMs + this.connection.delayMs);
    network.clock.at(atMs, () => this.peer.notice(reason));
  }

  /** This end finds out that the connection is over. */
  notice(reason: string): void {
    this.process.do(() => {
      if (!this.isOpen) return;
      this.isOpen = false;
      this.connection.forgetIfOver();
      this.connection.network.trace.line(this.process.name, () => `closed: ${reason}`);
      this.handlers.onClose(reason);
    });
  }
}

export class Connection {
  readonly network: Network;
  readonly sockets: readonly [Socket, Socket];
  readonly delayMs: number;
  readonly #forget: (() => void)[];

  constructor(network: Network, a: SimProcess, b: SimProcess) {
    this.network = network;
    this.sockets = [new Socket(this, 0, a), new Socket(this, 1, b)];
    this.delayMs = network.delayMs();
    network.connections.add(this);
    this.#forget = [a.onDeath(() => this.#endOfProcess(0)), b.onDeath(() => this.#endOfProcess(1))];
  }

  isBetween(a: SimProcess, b: SimProcess): boolean {
    const [one, other] = this.sockets;
    return (one.process === a && other.process === b) || (one.process === b && other.process === a);
  }

  /** Loses a suffix of what is under way both ways; the two ends notice when they notice. */
  cut(firstNoticesMs: number, secondNoticesMs: number): void {
    const { clock } = this.network;
    this.#lose(this.sockets[0]);
    this.#lose(this.sockets[1]);
    clock.after(firstNoticesMs, () => this.sockets[0].notice("connection reset"));
    clock.after(secondNoticesMs, () => this.sockets[1].notice("connection reset"));
  }

  forgetIfOver(): void {
    if (this.sockets[0].isOpen || this.sockets[1].isOpen) return;
    this.network.connections.delete(this);
    for (const forget of this.#forget) forget();
  }

  #lose(from: Socket): void {
    const keep = this.network.random.whole(from.arrived, from.sent);
    from.lostFrom = Math.min(from.lostFrom, keep);
  }

  // What the process had written may still arrive; its peer hears soon, or only much later.
  #endOfProcess(side: 0 | 1): void {
    const dead = this.sockets[side];
    if (!dead.isOpen) return;
    dead.isOpen = false;
    const { random, clock } = this.network;
    if (random.chance(0.5)) this.#lose(dead);
    const noticeMs = random.chance(0.8) ? random.between(0, 20) : this.network.lateNoticeMs();
    clock.at(Math.max(dead.lastArrivalMs, clock.nowMs + noticeMs), () => {
      dead.peer.notice("connection ended");
    });
  }
}
