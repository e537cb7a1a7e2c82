// What becomes of the value a task returned: promises are awaited, generators collected, and it
// gets the name of its type. Must not know how values travel.

/** Waits for a promise and collects a generator into an array; anything else is the value. */
export function settle(returned: unknown, isCancelled: () => boolean): unknown {
  if (typeof returned !== "object" || returned === null) return returned;
  if (isThenable(returned)) {
    return Promise.resolve(returned).then((value) => collect(value, isCancelled));
  }
  return collect(returned, isCancelled);
}

function collect(value: unknown, isCancelled: () => boolean): unknown {
  if (typeof value !== "object" || value === null) return value;
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Generator]") {
    const items: unknown[] = [];
    for (const item of value as Generator<unknown>) {
      items.push(item);
      if (isCancelled()) break;
    }
    return items;
  }
  if (tag === "[object AsyncGenerator]") {
    return collectAsync(value as AsyncGenerator<unknown>, isCancelled);
  }
  return value;
}

async function collectAsync(
  generator: AsyncGenerator<unknown>,
  isCancelled: () => boolean,
): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of generator) {
    items.push(item);
    if (isCancelled()) break;
  }
  return items;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

/** The name of a value's type, as shown beside its task: `number`, `Array`, `Float64Array`. */
export function typename(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  try {
    const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === "string" && name !== "" ? name : "Object";
  } catch {
    // A getter in the way; the name is for people only.
    return "Object";
  }
}

/** An error as one line, and with its stack. */
export function errorTexts(error: unknown): { exceptionText: string; tracebackText: string } {
  try {
    if (!(error instanceof Error)) return { exceptionText: String(error), tracebackText: "" };
    const exceptionText = `${error.name}: ${error.message}`;
    return { exceptionText, tracebackText: String(error.stack ?? "") };
  } catch {
    return { exceptionText: "a task threw a value that has no text", tracebackText: "" };
  }
}
