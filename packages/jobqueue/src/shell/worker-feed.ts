// What the scheduler knows of the workers of jobs, and the request that lets some of them leave.
// Talks to the scheduler; decides nothing.
import { RpcPool, type Security } from "@acme/comm";
import type { WireMap } from "@acme/protocol";
import type { WorkerSight } from "../core/index.js";
import { shellLimits } from "./limits.js";

export class WorkerFeed {
  readonly #pool: RpcPool;
  readonly #address: string;

  constructor(address: string, security: Security | undefined) {
    this.#address = address;
    this.#pool = new RpcPool({ security });
  }

  /** All workers, by the name of the job's slot that they belong to. */
  async look(): Promise<Map<string, WorkerSight[]>> {
    const request = { op: "identity", n_workers: -1 };
    const options = { timeoutMs: shellLimits.lookTimeoutMs };
    const identity = (await this.#pool.call(this.#address, request, options)) as WireMap;
    const bySlot = new Map<string, WorkerSight[]>();
    for (const [address, worker] of identity.get("workers") as WireMap) {
      const slot = slotOf(String((worker as WireMap).get("name")));
      const sight = sightOf(String(address), worker as WireMap);
      const known = bySlot.get(slot);
      if (known === undefined) bySlot.set(slot, [sight]);
      else known.push(sight);
    }
    return bySlot;
  }

  /** How many workers of so many threads get the work at hand done in about this time. */
  async wish(targetDurationMs: number, nthreads: number): Promise<number> {
    const request = {
      op: "adaptive_target",
      target_duration: targetDurationMs / 1000,
      key: "job",
      nthreads,
    };
    const options = { timeoutMs: shellLimits.lookTimeoutMs };
    return Number(await this.#pool.call(this.#address, request, options));
  }

  /** Addresses of the workers that one would miss least, whole jobs of them, `n` at most. */
  async whoGoes(n: number): Promise<string[]> {
    const request = { op: "workers_to_close", n, key: "job", attribute: "address" };
    const options = { timeoutMs: shellLimits.lookTimeoutMs };
    return ((await this.#pool.call(this.#address, request, options)) as unknown[]).map(String);
  }

  /**
   * Resolves when what they run has ended and what they hold is handed over.
   *
   * @returns those that could not leave
   */
  async retire(workers: readonly string[], timeoutMs: number): Promise<ReadonlySet<string>> {
    const way = { close_workers: true, remove: true, drain: true };
    const request = { op: "retire_workers", workers, ...way };
    const retired = (await this.#pool.call(this.#address, request, { timeoutMs })) as WireMap;
    const rest = workers.filter((address) => !retired.has(address));
    if (rest.length === 0) return new Set();
    // Those that have gone meanwhile are not in the answer either.
    const bySlot = await this.look();
    const here = new Set([...bySlot.values()].flatMap((all) => all.map(({ address }) => address)));
    return new Set(rest.filter((address) => here.has(address)));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Workers that share a job have its name and a number. */
const slotOf = (name: string): string => name.replace(/-\d+$/, "");

function sightOf(address: string, worker: WireMap): WorkerSight {
  const metrics = worker.get("metrics");
  const counts = metrics instanceof Map ? metrics.get("task_counts") : undefined;
  return {
    address,
    status: String(worker.get("status")),
    // As many seconds as tasks: who has fewer of them is free sooner.
    occupancyS: numberIn(counts, "executing") + numberIn(counts, "ready"),
    storedBytes: numberIn(metrics, "managed_bytes"),
  };
}

function numberIn(map: unknown, name: string): number {
  const value: unknown = map instanceof Map ? map.get(name) : undefined;
  return typeof value === "number" ? value : 0;
}
