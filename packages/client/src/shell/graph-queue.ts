// Collects the packed calls of one turn of the event loop and posts them to the core as few graph
// updates. Calls whose keys are all known already only add a desire.
import type { TaskKey } from "@acme/protocol";
import type { CallBatch } from "../graph/call-batch.js";
import { planUpdates } from "../graph/split-updates.js";
import type { FutureRecord } from "./future-record.js";
import type { StepLoop } from "./step-loop.js";

export interface QueuedCalls {
  /** A function is asked when they leave: what was released before that is gone by then. */
  readonly batches: readonly CallBatch[] | (() => readonly CallBatch[]);
  /** Keys that get a future each, in order. */
  readonly keys: readonly TaskKey[];
  readonly onPosted: (records: readonly FutureRecord[]) => void;
}

export interface RecordTable {
  /** The record of a key, one handle more; a cancelled one is replaced. */
  adopt(key: TaskKey): FutureRecord;
  isLive(key: TaskKey): boolean;
}

export class GraphQueue {
  readonly #loop: StepLoop;
  readonly #records: RecordTable;
  #queued: QueuedCalls[] = [];
  #turn: NodeJS.Immediate | undefined;

  constructor(loop: StepLoop, records: RecordTable) {
    this.#loop = loop;
    this.#records = records;
  }

  /** Posts these calls at the end of the turn, after those queued before. */
  add(calls: QueuedCalls): void {
    this.#queued.push(calls);
    if (this.#turn !== undefined) return;
    this.#turn = setImmediate(() => this.flush());
    // What was released in this turn leaves with these calls.
    this.#loop.yield();
  }

  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const queued = this.#queued;
    this.#queued = [];
    let together: CallBatch[] = [];
    const adopted: (() => void)[] = [];
    for (const { batches, keys, onPosted } of queued) {
      const known = keys.every((key) => this.#records.isLive(key));
      const records = keys.map((key) => this.#records.adopt(key));
      if (known) {
        // The desire must not overtake the graph that makes the key.
        this.#post(together);
        together = [];
        this.#loop.postKeys("desired", keys);
      } else {
        together.push(...(typeof batches === "function" ? batches() : batches));
      }
      adopted.push(() => onPosted(records));
    }
    this.#post(together);
    for (const posted of adopted) posted();
    this.#loop.now();
  }

  #post(batches: readonly CallBatch[]): void {
    if (batches.length === 0) return;
    const { updates, held } = planUpdates(batches);
    for (const { graph, desired } of updates) {
      this.#loop.post({ type: "submitted", graph, desired });
    }
    if (held.length > 0) this.#loop.postKeys("released", held);
  }
}
