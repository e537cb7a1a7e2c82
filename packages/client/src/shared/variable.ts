// A variable that all clients of a cluster see, Python's too.
// What it means is the scheduler's; this only asks.
import type { Client } from "../client.js";
import type { Future } from "../future.js";
import type { WaitOptions } from "../shell/limited.js";
import { fieldsOf, openRecord, Shared, type SharedValue } from "./shared-values.js";

/**
 * One value by name, shared by all clients of a cluster, `distributed.Variable` of Python included:
 * plain data, or a future, which stays alive as long as it is the value. Large data belongs into
 * `client.scatter()`, its future in here.
 *
 * @example
 * ```ts
 * const best = new Variable<number>("best loss", client);
 * await best.set(0.25);
 * await new Variable<number>("best loss", client).get(); // 0.25
 * ```
 */
export class Variable<T extends SharedValue | Future = SharedValue | Future> extends Shared {
  /**
   * @param name - whoever gives the same name shares the variable; default: a new one
   * @param client - default: the current client
   * @throws NoClusterError if there is none
   */
  constructor(name?: string, client?: Client) {
    super("Variable", name, client);
  }

  /**
   * Gives it a value; those who wait for one go on.
   *
   * @throws WaitTimeoutError if the scheduler does not know the future in time,
   *   WireFormatError if the value is no plain data
   */
  async set(value: T, options: WaitOptions = {}): Promise<void> {
    await this.ask({ op: "variable_set", ...(await fieldsOf(value)) }, options);
  }

  /**
   * Its value; waits until it has one.
   *
   * @throws WaitTimeoutError, or the signal's reason
   */
  async get(options: WaitOptions = {}): Promise<T> {
    const { session, name } = this;
    const record = await this.ask({ op: "variable_get", client: session.id }, options);
    return openRecord(session, record, (taken) => {
      session.say({ op: "variable-future-received-confirm", name, ...taken });
    }) as T;
  }

  /** Takes the value away, for everybody; a future in it is no longer kept alive. */
  delete(): void {
    this.session.say({ op: "variable_delete", name: this.name });
  }
}
