// What the scheduler knows of the workers of jobs, and the request that lets some of them leave.
// Talks to the scheduler; decides nothing.
import { RpcPool, type Security } from "@acme/comm";
import type { WireMap } from "@acme/protocol";
import type { WorkerSight } from "../core/index.js";
import { shellLimits } from "./limits.js";

export class WorkerFeed {
  readonly #pool: RpcPool;
  readonly #address: string;
  #version: string | undefined;
  #bySlot: ReadonlyMap<string, readonly WorkerSight[]> = new Map();

  constructor(address: string, security: Security | undefined) {
    this.#address = address;
    this.#pool = new RpcPool({ security });
  }

  /**
   * All workers, by the name of the job's slot that they belong to. What they have to do may be
   * older than what else is known of them.
   *
   * @param isFresh - ask for everything, not only whether there is news
   */
  async look(isFresh = false): Promise<ReadonlyMap<string, readonly WorkerSight[]>> {
    const version = isFresh ? undefined : this.#version;
    const request = { op: "worker_sights", ...(version !== undefined && { version }) };
    const options = { timeoutMs: shellLimits.lookTimeoutMs };
    const reply = (await this.#pool.call(this.#address, request, options)) as WireMap;
    const rows = reply.get("workers");
    if (!Array.isArray(rows)) return this.#bySlot;
    this.#version = String(reply.get("version"));
    this.#bySlot = bySlotOf(rows as Row[]);
    return this.#bySlot;
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

type Row = readonly [address: string, name: string, status: string, workS: number, bytes: number];

function bySlotOf(rows: readonly Row[]): Map<string, WorkerSight[]> {
  const bySlot = new Map<string, WorkerSight[]>();
  for (const [address, name, status, occupancyS, storedBytes] of rows) {
    const slot = slotOf(name);
    const sight = { address, status, occupancyS, storedBytes };
    const known = bySlot.get(slot);
    if (known === undefined) bySlot.set(slot, [sight]);
    else known.push(sight);
  }
  return bySlot;
}
