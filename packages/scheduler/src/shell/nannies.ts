// Nannies between their first word, when they are told the plugins, and their last, when they have
// set these up: a plugin that comes meanwhile has to wait for them. They say both on one connection.
import type { RpcContext, RpcReply } from "@acme/comm";

export class StartingNannies {
  readonly #starting = new Set<Promise<void>>();

  /** Tells a nanny its plugins and waits until it has set them up. */
  async register(context: RpcContext, plugins: ReadonlyMap<string, Uint8Array>): Promise<RpcReply> {
    const connection = context.takeOver();
    connection.send({ status: "OK", "nanny-plugins": plugins });
    // What it says does not matter, nor whether it had the time to say it.
    const started = connection.read().then(
      () => {},
      () => {},
    );
    this.#starting.add(started);
    await started;
    this.#starting.delete(started);
    await connection.close({ reason: "the nanny said goodbye" });
    return null;
  }

  /** Until no nanny is between its two words, or nobody waits any more. */
  async allStarted(signal: AbortSignal): Promise<void> {
    while (this.#starting.size > 0 && !signal.aborted) await Promise.all(this.#starting);
  }
}
