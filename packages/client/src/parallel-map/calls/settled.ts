// What a call gave, in the end: promises are awaited, generators collected into a list, as for any
// other task.

/** The value itself, or a promise of it. */
export function settled(returned: unknown): unknown {
  if (typeof returned !== "object" || returned === null) return returned;
  if (typeof (returned as { then?: unknown }).then === "function") {
    return (returned as PromiseLike<unknown>).then(collected);
  }
  return collected(returned);
}

function collected(value: unknown): unknown {
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Generator]") return [...(value as Generator<unknown>)];
  if (tag === "[object AsyncGenerator]") return collectedLater(value as AsyncGenerator<unknown>);
  return value;
}

async function collectedLater(generator: AsyncGenerator<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of generator) items.push(item);
  return items;
}
