// Brings values from workers to whoever asks the scheduler for them, frames untouched. Reads who
// holds what through a function; a replica that turns out to be gone is reported, not decided on.
import { setTimeout as sleep } from "node:timers/promises";
import type { RpcPool } from "@acme/comm";
import {
  isAcmeError,
  Pickled,
  Serialized,
  type TaskKey,
  taskKey,
  type WorkerAddress,
  wireKey,
} from "@acme/protocol";
import { shellLimits } from "./limits.js";

export interface GatherLimits {
  readonly gatherPeers: number;
  readonly gatherKeysPerMessage: number;
  readonly gatherBytesPerMessage: number;
  readonly gatherBusyPauseMs: number;
  readonly gatherBusyMaxMs: number;
  readonly transferTimeoutMs: number;
}

export interface GatherOptions {
  pool: Pick<RpcPool, "call">;
  holders: (key: TaskKey) => readonly WorkerAddress[];
  /** Bytes of a value, as far as known: what one message asks for has to fit into the worker. */
  nbytes: (key: TaskKey) => number;
  /** A worker that was asked did not have these, or did not answer at all. */
  onMissing: (address: WorkerAddress, keys: readonly TaskKey[]) => void;
  /** What the values are for can read these alone, as dask's `get_data` is told; else anything. */
  serializers?: unknown;
  /** Nobody waits for the values any more. */
  signal?: AbortSignal | undefined;
  limits?: Partial<GatherLimits> | undefined;
}

export interface Gathered {
  values: Map<TaskKey, Serialized | Pickled>;
  missing: TaskKey[];
}

/** Asks one holder after another for each key; several peers at a time, each one message after another. */
export function gather(keys: readonly TaskKey[], options: GatherOptions): Promise<Gathered> {
  return new Gathering(options).run(keys);
}

interface Batch {
  peer: WorkerAddress;
  keys: TaskKey[];
  bytes: number;
}

type Answer = "answered" | "busy" | "failed";

class Gathering {
  readonly #options: GatherOptions;
  readonly #limits: GatherLimits;
  readonly #values: Gathered["values"] = new Map();
  /** Holders that turned out to lack a key. A busy one is not among them: it still has it. */
  readonly #without = new Map<TaskKey, Set<WorkerAddress>>();

  constructor(options: GatherOptions) {
    this.#options = options;
    this.#limits = { ...shellLimits, ...options.limits };
  }

  async run(keys: readonly TaskKey[]): Promise<Gathered> {
    const missing: TaskKey[] = [];
    let busy = new Set<WorkerAddress>();
    let busySinceMs = performance.now();
    let wanted = [...new Set(keys)];
    while (wanted.length > 0 && !this.#options.signal?.aborted) {
      const { batches, holderless } = this.#plan(wanted, busy);
      missing.push(...holderless);
      const round = new Set<WorkerAddress>();
      let answered = false;
      const byPeer = groupByPeer(batches);
      await inBounds(byPeer, this.#limits.gatherPeers, async (ofPeer) => {
        for (const batch of ofPeer) {
          const answer = await this.#ask(batch);
          if (answer !== "busy") answered = true;
          else {
            round.add(batch.peer);
            return;
          }
        }
      });
      wanted = batches.flatMap((batch) => batch.keys).filter((key) => !this.#values.has(key));
      if (answered || round.size === 0) busySinceMs = performance.now();
      else if (performance.now() - busySinceMs > this.#limits.gatherBusyMaxMs) {
        return { values: this.#values, missing: [...missing, ...wanted] };
      } else await this.#pause();
      busy = round;
    }
    return { values: this.#values, missing };
  }

  /** Which peer is asked for which keys: one that was not busy, with as few keys as can be. */
  #plan(wanted: readonly TaskKey[], busy: ReadonlySet<WorkerAddress>) {
    const open = new Map<WorkerAddress, Batch>();
    const batches: Batch[] = [];
    const holderless: TaskKey[] = [];
    const load = (peer: WorkerAddress) =>
      (open.get(peer)?.keys.length ?? 0) + (busy.has(peer) ? Number.MAX_SAFE_INTEGER / 2 : 0);
    for (const key of wanted) {
      const peer = this.#holdersLeft(key).reduce<WorkerAddress | undefined>(
        (best, one) => (best === undefined || load(one) < load(best) ? one : best),
        undefined,
      );
      if (peer === undefined) {
        holderless.push(key);
        continue;
      }
      let batch = open.get(peer);
      const bytes = this.#options.nbytes(key);
      if (batch === undefined || this.#isFull(batch, bytes)) {
        batch = { peer, keys: [], bytes: 0 };
        open.set(peer, batch);
        batches.push(batch);
      }
      batch.keys.push(key);
      batch.bytes += bytes;
    }
    return { batches, holderless };
  }

  #isFull(batch: Batch, moreBytes: number): boolean {
    const { gatherKeysPerMessage, gatherBytesPerMessage } = this.#limits;
    if (batch.keys.length >= gatherKeysPerMessage) return true;
    return batch.bytes + moreBytes > gatherBytesPerMessage;
  }

  #holdersLeft(key: TaskKey): readonly WorkerAddress[] {
    const without = this.#without.get(key);
    const holders = this.#options.holders(key);
    return without === undefined ? holders : holders.filter((one) => !without.has(one));
  }

  async #ask(batch: Batch): Promise<Answer> {
    const answer = await this.#getData(batch);
    if (answer === "busy" || this.#options.signal?.aborted) return answer;
    const absent = batch.keys.filter((key) => !this.#values.has(key));
    for (const key of absent) {
      const without = this.#without.get(key);
      if (without === undefined) this.#without.set(key, new Set([batch.peer]));
      else without.add(batch.peer);
    }
    if (absent.length > 0) this.#options.onMissing(batch.peer, absent);
    return answer;
  }

  async #getData({ peer, keys }: Batch): Promise<Answer> {
    const { pool, signal, serializers } = this.#options;
    const asked = { op: "get_data", keys: keys.map(wireKey), who: null };
    const request = serializers === undefined ? asked : { ...asked, serializers };
    try {
      const timeoutMs = this.#limits.transferTimeoutMs;
      const reply = await pool.call(peer, request, { timeoutMs, acknowledge: true, signal });
      if (!(reply instanceof Map)) return "failed";
      if (reply.get("status") === "busy") return "busy";
      const data: unknown = reply.get("data");
      if (!(data instanceof Map)) return "failed";
      for (const [wire, value] of data as Map<never, unknown>) {
        if (value instanceof Serialized || value instanceof Pickled) {
          this.#values.set(taskKey(wire), value);
        }
      }
      return "answered";
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      return "failed";
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#options;
    await sleep(this.#limits.gatherBusyPauseMs, undefined, { signal }).catch(() => {});
  }
}

function groupByPeer(batches: readonly Batch[]): Batch[][] {
  const groups = new Map<WorkerAddress, Batch[]>();
  for (const batch of batches) {
    const group = groups.get(batch.peer);
    if (group === undefined) groups.set(batch.peer, [batch]);
    else group.push(batch);
  }
  return [...groups.values()];
}

async function inBounds<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const runners = Array.from({ length: Math.min(items.length, atOnce) }, async () => {
    for (const item of queue) await act(item);
  });
  await Promise.all(runners);
}
