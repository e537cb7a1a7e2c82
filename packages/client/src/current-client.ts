// The client that is used when none is given: the newest open one that a setup helper made. Kept
// under a registered symbol, so that two copies of this package agree.
import type { Client } from "./client.js";

const currentKey = Symbol.for("acme.client.current");

function stack(): Client[] {
  const shared = globalThis as { [currentKey]?: Client[] };
  shared[currentKey] ??= [];
  return shared[currentKey];
}

/** The newest client made by a setup helper that is still open; undefined if there is none. */
export function currentClient(): Client | undefined {
  const clients = stack();
  while (clients.length > 0 && clients.at(-1)?.isOpen === false) clients.pop();
  return clients.at(-1);
}

/** Makes a client the current one until it is closed; for setup helpers. */
export function setCurrentClient(client: Client): void {
  const clients = stack();
  const others = clients.filter((each) => each !== client && each.isOpen);
  clients.splice(0, clients.length, ...others, client);
}
