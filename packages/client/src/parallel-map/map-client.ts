// Which cluster a map runs on: the one it is given, the current one, or one that is started for it
// and ended with it.
import { Client } from "../client.js";
import { provideCluster } from "../cluster-provider.js";
import { currentClient } from "../current-client.js";

export interface MapClientOptions {
  readonly client?: Client | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has `use` work with a client, and ends what was started for it.
 *
 * @param use - `origin` says in words whose client it is
 * @throws NoClusterError, ConnectError if no cluster can be had
 */
export async function withClient<T>(
  { client, signal }: MapClientOptions,
  use: (client: Client, origin: string) => Promise<T>,
): Promise<T> {
  if (client !== undefined) return use(client, "the given client");
  const current = currentClient();
  if (current !== undefined) return use(current, "the current client");
  const cluster = await provideCluster({ signal });
  try {
    const own = await Client.connect(cluster, { signal });
    try {
      return await use(own, "a cluster of its own");
    } finally {
      await own.close();
    }
  } finally {
    await cluster.close();
  }
}
