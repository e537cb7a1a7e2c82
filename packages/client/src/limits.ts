// Every bound of the client package by name; the units are in the names. Bounds of the wire and of
// connections are in @acme/protocol and @acme/comm.

const KiB = 2 ** 10;
const MiB = 2 ** 20;

export const clientLimits = Object.freeze({
  /** Bytes of items after which a new slab begins; a slab lives while one of its tasks does. */
  slabBytes: 256 * KiB,
  /** Tasks in one slab, so that a map without arguments still frees memory as it goes. */
  slabTasks: 16_384,
  /** Slabs of at least this many tasks may be larger than `slabBytes`: one item may be huge. */
  slabTasksMin: 64,
  /** Tasks in one graph update; a larger graph goes as several. */
  graphUpdateTasks: 25_000,
  /** Keys that one message desires or releases, and that leave in one document. */
  keysPerMessage: 25_000,
  /** Bytes of items and buffers in one graph update. */
  graphUpdateBytes: 64 * MiB,
  /** Containers nested inside each other in which futures are looked for. */
  nestingDepth: 200,
  /** Keys in one gather request. */
  gatherKeys: 4_096,
  /** Bytes asked of one worker in one message, which it holds twice; one larger value goes alone. */
  gatherBytes: 16 * MiB,
  /** Largest value that comes with the news of its task and stays with its future. */
  keptValueBytes: 64 * KiB,
  /** To connect with a worker; what takes longer goes through the scheduler. */
  workerConnectMs: 2_000,
  /** How long a worker that did not answer is left alone. */
  workerSilenceMs: 60_000,
  /** For the values of one message to or from a worker. */
  transferMs: 300_000,
  /** Gathers of one key that may fail before its value is given up. */
  failedGathers: 10,
  /** Wait before a failed gather is repeated; doubles up to the maximum. */
  gatherBackoffMs: 20,
  gatherBackoffMaxMs: 2_000,
  heartbeatMs: 5_000,
  heartbeatMinMs: 500,
  heartbeatMaxMs: 60_000,
  /** How long a lost connection is being restored before everything pending is given up. */
  reconnectMs: 60_000,
  reconnectBackoffMs: 50,
  reconnectBackoffMaxMs: 5_000,
  reconnectTryMs: 5_000,
  connectMs: 30_000,
  /** How long `close()` waits for the scheduler to say goodbye. */
  closeMs: 1_000,
  /** Bytes of values in one scatter request. */
  scatterBytes: 256 * MiB,
  /** How often `waitForWorkers` asks. */
  waitForWorkersPollMs: 100,
  /** After so long without a word of its client a lease is lost, as with dask. */
  leaseTimeoutMs: 30_000,
  /** Messages kept for the next connection while there is none. */
  owedMessages: 10_000,
  /** Different warnings that one client gives. */
  warnings: 1_000,
  /** Texts of Python functions that one client keeps on the cluster. */
  pythonSources: 256,
  /** Cluster providers that may be registered. */
  clusterProviders: 64,
});
