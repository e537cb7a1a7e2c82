// Every bound of the scheduler's shell by name; those of the core are in core/limits.ts.
const MiB = 2 ** 20;

export const shellLimits = Object.freeze({
  /** Unsent bytes on a link above which the core is told of a backlog. */
  backlogBytes: MiB,
  /** Peers asked at once for the values of one gather. */
  gatherPeers: 64,
  /** Times a gather asks a busy peer again. */
  gatherBusyRetries: 200,
  gatherBusyRetryMs: 50,
  /** For one `get_data` or `update_data`; values may be large, so this is generous. */
  transferTimeoutMs: 300_000,
  /** For a request that is passed on to workers (`broadcast`, `proxy`). */
  forwardTimeoutMs: 60_000,
  /** Request line and headers of an HTTP request. */
  httpHeaderBytes: 16 * 1024,
  httpTimeoutMs: 10_000,
});
