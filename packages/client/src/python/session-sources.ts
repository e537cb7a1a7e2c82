// The Python source texts that a session has sent: each is one task, named by its content, which
// lives as long as the session remembers it, so that a thousand calls ship their file once.
import { type TaskKey, taskKey } from "@acme/protocol";
import { contentKeys } from "../graph/content-key.js";
import { clientLimits } from "../limits.js";
import type { FutureRecord } from "../shell/future-record.js";
import type { GraphQueue } from "../shell/graph-queue.js";
import { packSource, type SourceReference } from "./pack-python.js";

interface Owner {
  readonly graphs: GraphQueue;
  isLive(key: TaskKey): boolean;
  release(record: FutureRecord): void;
}

type Target = SourceReference["target"];

export class SessionSources {
  readonly #owner: Owner;
  readonly #keys = new WeakMap<Target, TaskKey>();
  /** In the order of use; null until the scheduler is told. */
  readonly #held = new Map<TaskKey, FutureRecord | null>();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** The key of the task that makes the function; it is sent if the scheduler does not have it. */
  keyOf(target: Target): TaskKey {
    const known = this.#keys.get(target);
    const record = known === undefined ? undefined : this.#held.get(known);
    const isHeld = record === null || (record !== undefined && record.status !== "cancelled");
    if (known === undefined || !isHeld) return this.#send(target);
    this.#held.delete(known);
    this.#held.set(known, record as FutureRecord | null);
    return known;
  }

  #send(target: Target): TaskKey {
    const { template, items } = packSource(target);
    const key = contentKeys(template, items)[0] ?? taskKey(template.id);
    this.#keys.set(target, key);
    if (this.#held.has(key) && this.#owner.isLive(key)) return key;
    this.#held.set(key, null);
    const options = { constraint: null, retries: 0, userPriority: 0 };
    this.#owner.graphs.add({
      batches: [{ template, keys: [key], items, desired: true, options }],
      keys: [key],
      onPosted: ([record]) => this.#hold(key, record as FutureRecord),
    });
    return key;
  }

  #hold(key: TaskKey, record: FutureRecord): void {
    this.#held.set(key, record);
    if (this.#held.size <= clientLimits.pythonSources) return;
    const [oldest, forgotten] = this.#held.entries().next().value as [TaskKey, FutureRecord | null];
    this.#held.delete(oldest);
    if (forgotten !== null) this.#owner.release(forgotten);
  }
}
