// Brings values from workers to a client through the scheduler, as the scheduler's shell does it:
// one holder after another, and a replica that is gone is reported.
import {
  type Serialized,
  type TaskKey,
  type WireMap,
  type WorkerAddress,
  wireKey,
} from "@acme/protocol";
import { type SchedulerState, view } from "@acme/scheduler/core";
import type { Network } from "./network.js";
import { call } from "./rpc.js";
import type { SimProcess } from "./sim-process.js";
import { readValues } from "./worker-actor.js";

export interface GatherOptions {
  network: Network;
  process: SimProcess;
  state: SchedulerState;
  onMissing: (address: WorkerAddress, keys: readonly TaskKey[]) => void;
  done: (gathered: { values: Map<TaskKey, Serialized>; missing: TaskKey[] }) => void;
}

const busyRetries = 20;
const busyRetryMs = 50;
const timeoutMs = 5_000;

export function gather(keys: readonly TaskKey[], options: GatherOptions): void {
  new Gather(options).round([...new Set(keys)]);
}

class Gather {
  readonly #options: GatherOptions;
  readonly #values = new Map<TaskKey, Serialized>();
  readonly #missing: TaskKey[] = [];
  readonly #tried = new Map<TaskKey, Set<WorkerAddress>>();

  constructor(options: GatherOptions) {
    this.#options = options;
  }

  round(wanted: readonly TaskKey[]): void {
    const byPeer = new Map<WorkerAddress, TaskKey[]>();
    for (const key of wanted) {
      const peer = this.#untried(key);
      if (peer === undefined) this.#missing.push(key);
      else byPeer.set(peer, [...(byPeer.get(peer) ?? []), key]);
    }
    if (byPeer.size === 0) {
      this.#options.done({ values: this.#values, missing: this.#missing });
      return;
    }
    let left = byPeer.size;
    for (const [peer, keys] of byPeer) {
      this.#fetch(peer, keys, 0, () => {
        left -= 1;
        if (left === 0) this.round(wanted.filter((key) => this.#isWanted(key)));
      });
    }
  }

  #isWanted(key: TaskKey): boolean {
    return !this.#values.has(key) && !this.#missing.includes(key);
  }

  #untried(key: TaskKey): WorkerAddress | undefined {
    const seen = this.#tried.get(key) ?? new Set();
    this.#tried.set(key, seen);
    const holders = view.holdersOf(this.#options.state, key) as WorkerAddress[];
    const peer = holders.find((address) => !seen.has(address));
    if (peer !== undefined) seen.add(peer);
    return peer;
  }

  #fetch(peer: WorkerAddress, keys: readonly TaskKey[], attempt: number, done: () => void): void {
    const { network, process, onMissing } = this.#options;
    const request = { op: "get_data", keys: keys.map(wireKey), who: null };
    const answered = (reply: unknown) => {
      const fields = reply as WireMap | null;
      if (fields?.get("status") === "busy" && attempt < busyRetries) {
        process.after(busyRetryMs, () => this.#fetch(peer, keys, attempt + 1, done));
        return;
      }
      for (const [key, value] of readValues(fields)) this.#values.set(key, value);
      const absent = keys.filter((key) => !this.#values.has(key));
      if (absent.length > 0) onMissing(peer, absent);
      done();
    };
    call(network, process, peer, request, { timeoutMs, done: answered });
  }
}
