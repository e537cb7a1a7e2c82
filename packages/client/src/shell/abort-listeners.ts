// One listener per signal, however many things wait for it: signals of users are shared by
// thousands of tasks, and node warns of more than ten listeners.

const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts, soon if it has already.
 *
 * @returns how to stop it
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    queueMicrotask(callback);
    return () => {};
  }
  let waiting = callbacks.get(signal);
  if (waiting === undefined) {
    waiting = new Set();
    callbacks.set(signal, waiting);
  }
  if (waiting.size === 0) signal.addEventListener("abort", aborted, { once: true });
  const set = waiting.add(callback);
  return () => {
    set.delete(callback);
    if (set.size === 0) signal.removeEventListener("abort", aborted);
  };
}

function aborted(this: AbortSignal): void {
  const waiting = [...(callbacks.get(this) ?? [])];
  callbacks.delete(this);
  for (const callback of waiting) callback();
}
