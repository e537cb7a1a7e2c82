// Memory that payloads are received into, so that executors read it without a copy.
// Knows sizes, not values.

/** Shared between threads: a view of it can be handed to an executor as it is. */
export const allocateShared = (bytes: number): Uint8Array =>
  new Uint8Array(new SharedArrayBuffer(bytes));
