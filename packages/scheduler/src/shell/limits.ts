// Every bound of the scheduler's shell by name; those of the core are in core/limits.ts.
// What may be set by a user is no limit but an option, and stands with the options.
const MiB = 2 ** 20;

export const shellLimits = Object.freeze({
  /** Unsent bytes on a link above which the core is told of a backlog. */
  backlogBytes: MiB,
  /** Peers asked at once for the values of one gather. */
  gatherPeers: 64,
  /** Keys asked of one peer in one message, so that no reply grows without bound. */
  gatherKeysPerMessage: 10_000,
  /** Bytes asked of one worker in one message, which it holds twice; one larger value goes alone. */
  gatherBytesPerMessage: 16 * MiB,
  /** A gather whose holders are all busy asks again after this, dask's pause. */
  gatherBusyPauseMs: 150,
  /** And gives up after this long: the keys are reported missing to whoever asked. */
  gatherBusyMaxMs: 300_000,
  /** For the machine of a silent worker to accept a connection. */
  reachMs: 3_000,
  /** For one `get_data` or `update_data`; values may be large, so this is generous. */
  transferTimeoutMs: 300_000,
  /** For a request that is passed on to workers (`broadcast`, `proxy`); one that is gone ends it at once. */
  forwardTimeoutMs: 24 * 3_600_000,
  /** Connections that are told which workers come and go. */
  workerWatchers: 1_000,
  /** Bytes of uploaded files kept for those who unfold graphs. */
  uploadBytes: 512 * MiB,
  /** Depth of a tree of profile samples. */
  profileDepth: 500,
  /** Pause between two looks for a progress bar. */
  feedMinMs: 50,
  feedMaxMs: 60_000,
  /** Request line and headers of an HTTP request. */
  httpHeaderBytes: 16 * 1024,
  httpHeaders: 64,
  /** For the headers, for a request, between two requests, and for a reader who does not read. */
  httpTimeoutMs: 10_000,
  /** Beyond them the connection without a request for longest makes room. */
  httpConnections: 128,
  /** A status younger than this is shown again, so that many readers cost what one does. */
  statusAgeMs: 250,
  /** Longest pause between two looks at whether anything happened. */
  idleLookMaxMs: 60_000,
});
