// Set-up helpers for this machine, and the end of what any helper set up. What a cluster is made of
// is not known here.
import { LocalCluster } from "@acme/cluster";
import { Client } from "./client.js";
import { currentClient, setCurrentClient } from "./current-client.js";
import { ArgumentError } from "./errors.js";

export interface LocalSetupOptions {
  /** Worker processes; default: as many as there are cores. */
  readonly nWorkers?: number | undefined;
  /** Memory limit of each, in bytes or such as `"2 GB"`; default: this machine's, shared out. */
  readonly memPerWorker?: string | number | undefined;
}

/**
 * Starts workers on this machine. The client becomes the current one, which maps use unless told
 * otherwise; closing it ends the workers.
 *
 * @throws ConfigError for a memory limit that cannot be read
 * @example
 * ```ts
 * const client = await localClusterSetup({ nWorkers: 4 });
 * await new ParallelMap(analyse, subjects).compute();
 * await client.close();
 * ```
 */
export async function localClusterSetup(options: LocalSetupOptions = {}): Promise<Client> {
  const { nWorkers, memPerWorker } = options;
  const cluster = await LocalCluster.start({ nWorkers, memoryLimit: memPerWorker });
  try {
    const client = await Client.connect(cluster, { closesCluster: true });
    await client.waitForWorkers(cluster.nWorkers);
    setCurrentClient(client);
    return client;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/**
 * Closes a client and ends the cluster that a set-up helper made for it: local workers and jobs of
 * a batch system alike. Without a client there is nothing to do, and a line says so.
 *
 * @param client - default: the current client
 * @throws ArgumentError for something else than a client
 * @example
 * ```ts
 * await slurmClusterSetup({ nWorkers: 10 });
 * await new ParallelMap(analyse, subjects).compute();
 * await clusterCleanup();
 * ```
 */
export async function clusterCleanup(client?: Client): Promise<void> {
  const closing = client ?? currentClient();
  if (closing === undefined) {
    process.stderr.write("acme: there is no client, so nothing was cleaned up\n");
    return;
  }
  if (typeof closing.close !== "function" || typeof closing.schedulerAddress !== "string") {
    throw new ArgumentError("clusterCleanup() takes a Client, or nothing for the current one");
  }
  const address = closing.schedulerAddress;
  await closing.close();
  process.stderr.write(`acme: the client of ${address} is closed\n`);
}
