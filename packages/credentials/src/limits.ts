// Every bound of this package by name.
// How long connections and handshakes may take belongs to the package that makes them.

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const credentialLimits = Object.freeze({
  /** How long certificates are valid. */
  validityMs: 365 * dayMs,
  /** They are valid since that long before they were made: clocks of two machines differ. */
  backdateMs: hourMs,
  /** A scheduler that starts makes new certificates when less than this is left. */
  renewBeforeMs: 7 * dayMs,
  /** Of the token for HTTP. */
  tokenBytes: 32,
  /** No file of a cluster directory is longer. */
  fileBytes: 64 * 1024,
  /** Longest name of a cluster. */
  nameLength: 64,
  /** For a scheduler to show whether it still holds the name of a cluster. */
  holderTimeoutMs: 1_000,
});
