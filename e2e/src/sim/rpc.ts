// Requests over the simulated network: they overtake streams and each other. Requests and replies
// can be lost, and repeatable ones can arrive twice. Must not know what requests mean.
import type { WireMap, WireValue } from "@acme/protocol";
import type { IncomingCall, Network } from "./network.js";
import type { SimProcess } from "./sim-process.js";

export interface CallOptions {
  timeoutMs: number;
  /** Asking twice does no harm, so the network may do so. */
  repeatable?: boolean;
}

/** The reply, or null if there was none. */
export type CallDone = (reply: WireValue | null) => void;

/** Asks a process; `done` is called exactly once unless the caller dies. */
export function call(
  network: Network,
  from: SimProcess,
  address: string,
  request: object,
  options: CallOptions & { done: CallDone },
): void {
  new Call(network, from, options).start(address, request);
}

class Call {
  readonly #network: Network;
  readonly #from: SimProcess;
  readonly #options: CallOptions & { done: CallDone };
  #isOver = false;
  #confirmed = false;
  readonly #forget: (() => void)[] = [];
  readonly #onGone: (() => void)[] = [];
  readonly #onConfirmed: (() => void)[] = [];

  constructor(network: Network, from: SimProcess, options: CallOptions & { done: CallDone }) {
    this.#network = network;
    this.#from = from;
    this.#options = options;
  }

  start(address: string, request: object): void {
    const network = this.#network;
    const { random, weather, clock } = network;
    const frames = network.encode(request);
    const isLost = random.chance(weather.lostCalls);
    const timeout = clock.after(this.#options.timeoutMs, () => this.#fail());
    this.#forget.push(this.#from.onDeath(() => this.#callerGone()));
    this.#forget.push(() => {
      timeout.run = null;
    });
    if (isLost && random.chance(0.5)) {
      this.#failSoon();
      return;
    }
    clock.after(network.delayMs(), () => this.#arrive(address, frames, isLost));
    if (this.#options.repeatable && random.chance(weather.repeatedCalls)) {
      clock.after(network.delayMs() * 3, () => this.#arrive(address, frames, true));
    }
  }

  #arrive(address: string, frames: Uint8Array[], replyIsLost: boolean): void {
    const network = this.#network;
    const listener = network.reach(this.#from, address);
    if (listener === null) {
      this.#failSoon();
      return;
    }
    const server = listener.process;
    if (this.#isOver && !replyIsLost) return;
    this.#forget.push(server.onDeath(() => this.#failSoon()));
    server.do(() => {
      if (this.#isOver && !replyIsLost) return;
      const request = network.decode(frames, `${this.#from.name}?${server.name}`) as WireMap;
      if (replyIsLost) this.#failSoon();
      listener.onRequest(request, this.#incoming(server, replyIsLost));
    });
  }

  #incoming(server: SimProcess, replyIsLost: boolean): IncomingCall {
    const network = this.#network;
    let hasReplied = false;
    return {
      reply: (value) => {
        if (hasReplied) return;
        hasReplied = true;
        const frames = network.encode(value);
        if (replyIsLost) return void server.after(network.delayMs(), () => this.#confirm());
        network.clock.after(network.delayMs(), () => {
          this.#from.do(() => this.#answered(server, frames));
        });
      },
      onGone: (act) => {
        this.#onGone.push(() => server.do(() => !hasReplied && act()));
      },
      onConfirmed: (act) => {
        this.#onConfirmed.push(() => server.do(act));
        if (this.#confirmed) server.do(act);
      },
    };
  }

  #answered(server: SimProcess, frames: Uint8Array[]): void {
    if (this.#isOver) return;
    this.#end();
    const network = this.#network;
    const value = network.decode(frames, `${server.name}!${this.#from.name}`);
    network.clock.after(network.delayMs(), () => this.#confirm());
    this.#options.done(value);
  }

  #confirm(): void {
    this.#confirmed = true;
    for (const act of this.#onConfirmed.splice(0)) act();
  }

  #failSoon(): void {
    const network = this.#network;
    const delayMs = network.random.chance(0.8) ? network.delayMs() : network.lateNoticeMs();
    network.clock.after(delayMs, () => this.#fail());
  }

  #fail(): void {
    if (this.#isOver) return;
    this.#from.do(() => {
      if (this.#isOver) return;
      this.#end();
      this.#endAtServer();
      this.#options.done(null);
    });
  }

  #callerGone(): void {
    this.#end();
    this.#endAtServer();
  }

  #end(): void {
    this.#isOver = true;
    for (const forget of this.#forget.splice(0)) forget();
  }

  #endAtServer(): void {
    this.#network.clock.after(this.#network.delayMs(), () => {
      for (const act of this.#onGone.splice(0)) act();
      this.#confirm();
    });
  }
}
