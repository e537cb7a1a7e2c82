// Which cluster a map runs on: the one it is given, the current one, or one that is started for it
// and ended with it.
import { Client } from "../client.js";
import { type ProvideOptions, provideCluster } from "../cluster-provider.js";
import { currentClient, setCurrentClient } from "../current-client.js";
import type { ComputeMapOptions } from "./compute-options.js";

/** How the origin of a client begins whose cluster was started for the map. */
const ownCluster = "a cluster of its own";

export interface MapClientOptions {
  readonly client?: Client | undefined;
  /** What a cluster is to be like that is started for the map. */
  readonly wish: ProvideOptions;
  readonly signal?: AbortSignal | undefined;
  /** See `ComputeMapOptions`. */
  readonly stopClient?: "auto" | boolean | undefined;
  readonly setupTimeout?: number | undefined;
}

/**
 * Has `use` work with a client, and ends what was started for it.
 *
 * @param use - `origin` says in words whose client it is
 * @throws NoClusterError, ConnectError if no cluster can be had
 */
export async function withClient<T>(
  options: MapClientOptions,
  use: (client: Client, origin: string) => Promise<T>,
): Promise<T> {
  const { stopClient = "auto" } = options;
  const found = options.client ?? currentClient();
  const { client, origin } =
    found === undefined
      ? await startOwn(options)
      : { client: found, origin: options.client ? "the given client" : "the current client" };
  const isOwn = found === undefined;
  try {
    return await use(client, origin);
  } finally {
    if (stopClient === true || (isOwn && stopClient === "auto")) await client.close();
    else if (isOwn) setCurrentClient(client);
  }
}

/** A cluster that ends with its client. */
async function startOwn({ wish, signal, setupTimeout }: MapClientOptions) {
  const { cluster, title } = await provideCluster({ ...wish, signal });
  try {
    const client = await Client.connect(cluster, { signal, closesCluster: true });
    try {
      if (setupTimeout !== undefined) {
        await client.waitForWorkers(1, { timeoutMs: setupTimeout * 1_000, signal });
      }
      return { client, origin: `${ownCluster}, ${title}` };
    } catch (error) {
      await client.close();
      throw error;
    }
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

const clusterOptions = ["nWorkers", "partition", "memPerWorker"] as const;

/** What a cluster of its own is to be like for so many calls. */
export function clusterWish(options: ComputeMapOptions, calls: number): ProvideOptions {
  const { nWorkers: workers, progress, ...wanted } = options;
  const { partition, memPerWorker, setupTimeout, interactive } = wanted;
  const start = { setupTimeout, interactive, isQuiet: progress === false };
  return { workers, calls, partition, memPerWorker, ...start };
}

/** A cluster that is there already is as it is: what there is to say of options that do nothing. */
export function ignoredOptions(options: ComputeMapOptions, origin: string): string[] {
  const given = clusterOptions.filter((name) => options[name] !== undefined);
  if (given.length === 0 || origin.startsWith(ownCluster)) return [];
  return [`ignored, since ${origin} has its workers already: ${given.join(", ")}`];
}
