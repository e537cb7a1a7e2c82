// Every bound of the worker's shell by name; those of the core are in core/limits.ts.
// What a user may set is no limit but an option, in worker-options.ts.

export const shellLimits = Object.freeze({
  /** First pause before connecting to the scheduler again; doubles up to the longest. */
  reconnectMinMs: 100,
  reconnectMaxMs: 5_000,
  /** For one `get_data`; values may be large, so this is generous. */
  fetchTimeoutMs: 300_000,
  heartbeatTimeoutMs: 30_000,
  registerTimeoutMs: 30_000,
  /** A worker that waits for its scheduler says so after the first, then this often. */
  firstWaitingMs: 250,
  stillWaitingMs: 60_000,
  /** How often this process' real memory is measured (dask's 100 ms, doubled). */
  memoryProbeMs: 200,
  /** How often dask's `keep-alive` goes to the scheduler. */
  keepAliveMs: 60_000,
  /** After SIGTERM: for running tasks to finish and unique results to be handed over. */
  leaveGraceMs: 10_000,
  /** The same when the nanny is gone, and with it perhaps the whole cluster. */
  orphanGraceMs: 1_000,
  /** The same at the end of --lifetime, which nobody is in a hurry about. */
  lifetimeGraceMs: 30_000,
  /** For executors to end when the worker does. */
  closeExecutorsMs: 2_000,
  /** What a nanny grants its worker beyond the worker's own grace, before it kills it. */
  nannyExtraMs: 3_000,
  /** How often a contact file that is not there yet is looked for. */
  contactFilePollMs: 200,
});
