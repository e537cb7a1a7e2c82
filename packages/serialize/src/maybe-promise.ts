// A value now or later: spares a microtask where nothing has to be waited for.
// Knows nothing of what the values are; errors pass through as they come.

/** Either the value itself or a promise of it; `await` works on both. */
export type MaybePromise<T> = T | Promise<T>;

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Continues with a value, at once when it is there. */
export function whenReady<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}
