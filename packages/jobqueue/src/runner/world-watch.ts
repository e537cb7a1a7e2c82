// What the scheduler's process of a runner waits for: the word of the client that all is over, or that
// the client is gone; and before it ends, that no worker comes to a closed door.
import { setTimeout as sleep } from "node:timers/promises";
import { RpcPool, type Security } from "@acme/comm";
import type { SchedulerServer } from "@acme/scheduler/host";
import { runnerDefaults } from "./runner-options.js";

/** Where the client says what it does, for all who can reach the scheduler. */
const wordKey = "acme-runner";

export type ClientWord = "begun" | "over";

/** @throws RpcError, ConnectError */
export async function sayWord(
  word: ClientWord,
  address: string,
  security: Security | undefined,
): Promise<void> {
  const pool = new RpcPool({ security });
  try {
    const request = { op: "set_metadata", keys: [wordKey], value: word };
    await pool.call(address, request, { timeoutMs: runnerDefaults.timeoutMs });
  } finally {
    await pool.close();
  }
}

interface Sight {
  readonly clients: number;
  readonly workers: number;
  readonly word: unknown;
}

export interface WatchOptions {
  readonly nWorkers: number;
  /** For workers and client to come. */
  readonly timeoutMs: number;
}

export class WorldWatch {
  readonly #scheduler: SchedulerServer;
  readonly #options: WatchOptions;
  readonly #pool: RpcPool;
  readonly #stopped = new AbortController();
  readonly #lateMs: number;
  #mostWorkers = 0;

  constructor(scheduler: SchedulerServer, security: Security, options: WatchOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
    this.#pool = new RpcPool({ security });
    this.#lateMs = performance.now() + options.timeoutMs;
  }

  stop(): void {
    this.#stopped.abort();
    void this.#pool.close();
  }

  /** Resolves when there is nothing to wait for, and every worker has been there once. */
  async over(): Promise<"over" | "client gone"> {
    const end = await this.#clientEnd();
    // A worker that came later would look for a scheduler until its patience is over.
    while (this.#mostWorkers < this.#options.nWorkers && performance.now() < this.#lateMs) {
      if (this.#stopped.signal.aborted) break;
      await this.#look();
    }
    return end;
  }

  async #clientEnd(): Promise<"over" | "client gone"> {
    let seenMs = performance.now();
    let graceMs = this.#options.timeoutMs;
    while (performance.now() - seenMs < graceMs && !this.#stopped.signal.aborted) {
      const { clients, word } = await this.#look();
      if (word === "over") return "over";
      if (word === "begun") graceMs = runnerDefaults.clientGoneMs;
      if (clients > 0) seenMs = performance.now();
    }
    return "client gone";
  }

  async #look(): Promise<Sight> {
    const { signal } = this.#stopped;
    await sleep(runnerDefaults.watchMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return { clients: 0, workers: 0, word: null };
    const { httpPort, httpToken, address } = this.#scheduler;
    const headers = { authorization: `Bearer ${httpToken}` };
    const answer = await fetch(`http://127.0.0.1:${httpPort}/status.json`, { headers, signal });
    const status = (await answer.json()) as { clients: number; workerCount: number };
    this.#mostWorkers = Math.max(this.#mostWorkers, status.workerCount);
    const request = { op: "get_metadata", keys: [wordKey], default: null };
    const word = await this.#pool.call(address, request);
    return { clients: status.clients, workers: status.workerCount, word };
  }
}
