// A flag that all clients of a cluster see and wait for, Python's too.
// What it means is the scheduler's; this only asks.
import type { Client } from "../client.js";
import type { WaitOptions } from "../shell/limited.js";
import { Shared } from "./shared-values.js";

/**
 * A flag by name: set, cleared and waited for by all clients of a cluster, `distributed.Event` of
 * Python included.
 *
 * @example
 * ```ts
 * const ready = new Event("data are there", client);
 * setTimeout(() => void ready.set(), 10);
 * await ready.wait({ timeoutMs: 5000 }); // true
 * ```
 */
export class Event extends Shared {
  /**
   * @param name - whoever gives the same name shares the flag; default: a new one
   * @param client - default: the current client
   * @throws NoClusterError if there is none
   */
  constructor(name?: string, client?: Client) {
    super("Event", name, client);
  }

  /** Waits until it is set; false if it was not in time. @throws the signal's reason */
  async wait(options: WaitOptions = {}): Promise<boolean> {
    return (await this.ask({ op: "event_wait" }, options)) === true;
  }

  async set(): Promise<void> {
    await this.ask({ op: "event_set" });
  }

  async clear(): Promise<void> {
    await this.ask({ op: "event_clear" });
  }

  async isSet(): Promise<boolean> {
    return (await this.ask({ op: "event_is_set" })) === true;
  }
}
