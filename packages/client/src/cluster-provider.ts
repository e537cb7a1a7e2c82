// Where a cluster comes from when nobody names one: providers are asked in order, the local
// machine last. Packages for batch systems register theirs when they are imported.
import { LocalCluster } from "@acme/cluster";
import { ArgumentError, NoClusterError } from "./errors.js";
import { clientLimits } from "./limits.js";
import type { ClusterHandle } from "./target.js";

/** Makes clusters of one kind. */
export interface ClusterProvider {
  /** Short and unique, such as `"slurm"`. */
  readonly name: string;
  /** What users are told they got, such as `"SLURM jobs"`; default: the name. */
  readonly title?: string | undefined;
  /** Whether such a cluster can be had here; cheap, asked before {@link start}. */
  isAvailable(options: ProvideOptions): boolean | Promise<boolean>;
  /** Starts a cluster for about that many workers. The client that asked closes it. */
  start(options: ProvideOptions): Promise<ClusterHandle>;
}

export interface ProvideOptions {
  /** Workers wanted; undefined leaves it to the provider. */
  readonly workers?: number | undefined;
  /** How many calls there are to make: more workers would have nothing to do. */
  readonly calls?: number | undefined;
  /** Part of a cluster of machines; where there are none, it means nothing. */
  readonly partition?: string | undefined;
  /** Memory of one worker, such as `"8 GB"`. */
  readonly memPerWorker?: string | number | undefined;
  /** Seconds that the first worker may take; undefined: as long as its job waits in the queue. */
  readonly setupTimeout?: number | undefined;
  /** false: nobody is asked what to do when it takes longer, also on a terminal. */
  readonly interactive?: boolean | undefined;
  /** Finds out what memory a worker needs, by a few calls here; undefined: nobody can tell. */
  readonly estimateMemory?: (() => Promise<number | undefined>) | undefined;
  /** Print nothing about the start. */
  readonly isQuiet?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A cluster, and what kind it is of. */
export interface ProvidedCluster {
  readonly cluster: ClusterHandle;
  /** In words, such as `"SLURM jobs"` or `"this machine"`. */
  readonly title: string;
}

const registryKey = Symbol.for("acme.client.cluster-providers");

/** Shared by all copies of this package in the process. */
function registry(): ClusterProvider[] {
  const shared = globalThis as { [registryKey]?: ClusterProvider[] };
  shared[registryKey] ??= [];
  return shared[registryKey];
}

/**
 * Adds a provider; it is asked before those added earlier are. One of the same name is replaced.
 *
 * @example
 * ```ts
 * registerClusterProvider({
 *   name: "my-batch-system",
 *   isAvailable: () => existsSync("/usr/bin/my-submit"),
 *   start: ({ workers }) => MyCluster.start({ workers }),
 * });
 * ```
 */
export function registerClusterProvider(provider: ClusterProvider): void {
  const providers = registry();
  const others = providers.filter(({ name }) => name !== provider.name);
  if (others.length >= clientLimits.clusterProviders) {
    throw new ArgumentError(`more than ${clientLimits.clusterProviders} cluster providers`);
  }
  providers.splice(0, providers.length, provider, ...others);
}

/**
 * Starts a cluster of the first provider that has one, else on this machine.
 *
 * @throws NoClusterError if a provider fails to start its cluster, with its reason
 */
export async function provideCluster(options: ProvideOptions = {}): Promise<ProvidedCluster> {
  for (const provider of registry()) {
    if (!(await provider.isAvailable(options))) continue;
    const { name, title = name } = provider;
    try {
      return { cluster: await provider.start(options), title };
    } catch (cause) {
      options.signal?.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new NoClusterError(`no cluster of ${title} was started: ${why}`, { cause });
    }
  }
  return { cluster: await startLocalCluster(options), title: "this machine" };
}

export function startLocalCluster(options: ProvideOptions = {}): Promise<ClusterHandle> {
  return LocalCluster.start({ nWorkers: options.workers, memoryLimit: options.memPerWorker });
}
