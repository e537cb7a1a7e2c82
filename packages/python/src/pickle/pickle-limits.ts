// Every bound of pickles by name. They come from peers: what exceeds a bound is refused
// before memory is spent on it.

const KiB = 2 ** 10;
const MiB = 2 ** 20;

/** Bounds on pickles and on the values made from them; the units are in the names. */
export const pickleLimits = Object.freeze({
  /** Bytes of one pickle, its out-of-band buffers not included. */
  pickleBytes: 512 * MiB,
  /** Values in one pickle: an empty tuple of one byte takes 50 in memory. */
  nodes: 2 ** 24,
  /** Open marks while reading: collections that are being filled inside each other. */
  openMarks: 2 ** 16,
  /** Bytes of one whole number; reading one takes longer than its length. */
  integerBytes: 64 * KiB,
  /** Nested collections and objects that are written, or turned into values. */
  depth: 512,
  /** Bytes from which memory goes beside a pickle of values instead of into it. */
  outOfBandBytes: 4 * KiB,
});
