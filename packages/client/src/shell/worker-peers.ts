// The workers as this client reaches them: asks one for values or gives it some, and remembers for
// a while which do not answer. Whoever is refused here goes through the scheduler instead.
import { RpcPool, type Security } from "@acme/comm";
import { isAcmeError, Serialized, type TaskKey, taskKey, wireKey } from "@acme/protocol";
import { clientLimits } from "../limits.js";

export type Values = ReadonlyMap<TaskKey, Serialized>;

export class WorkerPeers {
  readonly #pool: RpcPool;
  /** When each worker that did not answer may be asked again. */
  readonly #silentUntilMs = new Map<string, number>();

  constructor(security: Security | undefined) {
    this.#pool = new RpcPool({ security, connectTimeoutMs: clientLimits.workerConnectMs });
  }

  isReachable(address: string): boolean {
    // Within a process bytes are handed over as they are, and would not be the receiver's own.
    if (address.startsWith("inproc:")) return false;
    return (this.#silentUntilMs.get(address) ?? 0) < performance.now();
  }

  /** Values that the worker has; none if it is busy or not to be reached. */
  async take(address: string, keys: readonly TaskKey[]): Promise<Map<TaskKey, Serialized>> {
    const found = new Map<TaskKey, Serialized>();
    const request = { op: "get_data", keys: keys.map(wireKey), who: null };
    const reply = await this.#call(address, request, true);
    const data: unknown = reply instanceof Map ? reply.get("data") : undefined;
    if (!(data instanceof Map)) return found;
    for (const [key, value] of data as Map<never, unknown>) {
      if (value instanceof Serialized) found.set(taskKey(key), value);
    }
    return found;
  }

  /** @returns whether the worker has them now, as far as it could tell */
  async give(address: string, values: Values): Promise<boolean> {
    const data = new Map(Array.from(values, ([key, value]) => [wireKey(key), value] as const));
    const request = { op: "update_data", data };
    const reply = await this.#call(address, request, false);
    return reply instanceof Map && reply.get("status") === "OK";
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #call(address: string, request: { op: string }, acknowledge: boolean): Promise<unknown> {
    try {
      const timeoutMs = clientLimits.transferMs;
      return await this.#pool.call(address, request, { timeoutMs, acknowledge });
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#silentUntilMs.set(address, performance.now() + clientLimits.workerSilenceMs);
      return undefined;
    }
  }
}
