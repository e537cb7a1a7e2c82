// Keeps the bytes of scattered values while the core decides where they go, and carries out its
// transfers. The core only ever sees sizes.
import type { RpcPool } from "@acme/comm";
import { isAcmeError, type Pickled, type Serialized, type TaskKey, wireKey } from "@acme/protocol";
import type { RequestId, SchedulerEvent } from "../core/events.js";
import type { Transfer } from "../core/outbox.js";
import { shellLimits } from "./limits.js";

export class Scattered {
  readonly #values = new Map<RequestId, Map<TaskKey, Serialized | Pickled>>();
  readonly #pool: RpcPool;
  readonly #post: (event: SchedulerEvent) => void;

  constructor(pool: RpcPool, post: (event: SchedulerEvent) => void) {
    this.#pool = pool;
    this.#post = post;
  }

  hold(requestId: RequestId, values: Map<TaskKey, Serialized | Pickled>): void {
    this.#values.set(requestId, values);
  }

  /** The request was answered: nothing is needed any more. */
  drop(requestId: RequestId): void {
    this.#values.delete(requestId);
  }

  async carryOut({ transferId, worker, keys, requestId }: Transfer): Promise<void> {
    const values = this.#values.get(requestId);
    const ok = values !== undefined && (await this.#send(worker, keys, values));
    this.#post({ type: "transferred", transferId, worker, ok });
  }

  async #send(
    worker: string,
    keys: readonly TaskKey[],
    values: ReadonlyMap<TaskKey, Serialized | Pickled>,
  ): Promise<boolean> {
    const data = new Map(keys.map((key) => [wireKey(key), values.get(key)] as const));
    try {
      const request = { op: "update_data", data };
      const options = { timeoutMs: shellLimits.transferTimeoutMs };
      const reply = await this.#pool.call(worker, request, options);
      return reply instanceof Map && reply.get("status") === "OK";
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      return false;
    }
  }
}
