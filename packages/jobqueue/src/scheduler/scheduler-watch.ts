// Whether a scheduler outside this process still answers. One that was away for a moment is not
// gone; whoever needs it learns so from `ended`.
import { setTimeout as sleep } from "node:timers/promises";
import { RpcPool, type Security } from "@acme/comm";
import { isAcmeError } from "@acme/protocol";
import { shellLimits } from "../shell/limits.js";

export class SchedulerWatch {
  readonly ended: Promise<{ readonly reason: string }>;
  readonly #pool: RpcPool;
  readonly #address: string;
  readonly #stopped = new AbortController();
  #end: (end: { reason: string }) => void = () => {};

  constructor(address: string, security: Security | undefined) {
    this.#address = address;
    this.#pool = new RpcPool({ security });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  start(): void {
    void this.#watch();
  }

  async answers(): Promise<boolean> {
    return (await this.#problem()) === null;
  }

  /** Asks it to end, and its workers with it; whether it does is seen in the queue. */
  async terminate(): Promise<void> {
    const options = { timeoutMs: shellLimits.lookTimeoutMs };
    await this.#pool.call(this.#address, { op: "terminate" }, options).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#pool.close();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopped;
    const { schedulerLookMs, schedulerLostMs } = shellLimits;
    let answeredMs = performance.now();
    while (!signal.aborted) {
      await sleep(schedulerLookMs, undefined, { signal, ref: false }).catch(() => {});
      const problem = signal.aborted ? null : await this.#problem();
      if (problem === null) answeredMs = performance.now();
      else if (performance.now() - answeredMs >= schedulerLostMs) {
        this.#end({ reason: `it does not answer any more: ${problem}` });
        return;
      }
    }
  }

  async #problem(): Promise<string | null> {
    const request = { op: "identity", n_workers: 0 };
    const options = { timeoutMs: shellLimits.lookTimeoutMs };
    try {
      await this.#pool.call(this.#address, request, options);
      return null;
    } catch (error) {
      if (isAcmeError(error)) return error.message;
      throw error;
    }
  }
}
