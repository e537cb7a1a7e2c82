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

  /** Resolves when what they run has ended and what they hold is handed over; false: some could not. */
  async retire(workers: readonly string[], timeoutMs: number): Promise<boolean> {
    const way = { close_workers: true, remove: true, drain: true };
    const request = { op: "retire_workers", workers, ...way };
    const retired = (await this.#pool.call(this.#address, request, { timeoutMs })) as WireMap;
    if (workers.every((address) => retired.has(address))) return true;
    // Those that have gone meanwhile are not in the answer either.
    const bySlot = await this.look();
    const here = new Set([...bySlot.values()].flatMap((all) => all.map(({ address }) => address)));
    return workers.every((address) => retired.has(address) || !here.has(address));
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
