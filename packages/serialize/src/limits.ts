// Every bound of this package in one place, with its unit in the name.
// Rooms read the numbers here; nothing else may invent a limit of its own.

/** Named limits of `@acme/serialize`. */
export const serializeLimits = {
  /** Buffers of at least this size travel as frames of their own, uncopied. */
  outOfBandBytes: 1024,
  /** Containers nested deeper than this are written to the shared table, so no walk overflows. */
  inlineDepth: 200,
  /** Arrays up to this length are checked for named properties key by key. */
  inspectedArrayLength: 1000,
  /** Captured data beyond this draws a warning: it belongs in an argument or a scatter. */
  captureWarnBytes: 1024 * 1024,
  /** Captured data beyond this is refused. */
  captureMaxBytes: 64 * 1024 * 1024,
  /** Functions without captures whose packing is kept for closures of the same code. */
  packedCode: 1000,
  /** Functions kept loaded per process, least recently used dropped first. */
  loadedFunctions: 1000,
  /** Compiled by-value sources kept per process. */
  compiledSources: 2000,
  /** Call templates kept decoded per process. */
  loadedTemplates: 1000,
  /** By-value classes kept per process, so that instances of later messages share the class. */
  loadedClasses: 1000,
  /** Per-worker values kept per process; more is a program error in user code. */
  perWorkerValues: 1000,
  /** Parsed scripts kept per process. */
  parsedScripts: 500,
  /** How long a module that is still evaluating may delay the search of its exports. */
  namespaceWaitMs: 500,
  /** Chain of `cause` followed when an error is written. */
  errorCauseDepth: 16,
  /** Errors kept of one AggregateError. */
  aggregateErrors: 100,
  /** Characters of text kept for an error property that cannot travel itself. */
  errorTextLength: 2000,
  /** Columns of padding in front of a by-value source, so that stacks keep their columns. */
  paddedColumns: 2000,
} as const;
