// Finds where in a message a value sits, for error messages. Only called once something is wrong,
// so that encoding keeps no path while all is well.
import { wireLimits } from "./limits.js";

/**
 * Path of the first place of a value in a message, such as `message.nbytes["x"]`.
 *
 * @param culprit - the value sought, compared by identity
 * @param message - where to look; may be circular
 */
export function pathOf(culprit: unknown, message: unknown): string {
  return search(culprit, message, "message", 0) ?? "message";
}

function search(culprit: unknown, value: unknown, path: string, depth: number): string | undefined {
  if (Object.is(value, culprit)) return path;
  if (typeof value !== "object" || value === null || depth > wireLimits.nestingDepth) return;
  for (const [name, item] of members(value)) {
    const found = search(culprit, item, path + name, depth + 1);
    if (found !== undefined) return found;
  }
  return;
}

function* members(value: object): Iterable<[string, unknown]> {
  if (ArrayBuffer.isView(value)) return;
  if (Array.isArray(value) || value instanceof Set) {
    let index = 0;
    for (const item of value) yield [`[${index++}]`, item];
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      const name = typeof key === "object" ? typeof key : String(key);
      yield [`.key(${name})`, key];
      yield [`[${JSON.stringify(name)}]`, item];
    }
  } else {
    for (const key of Object.keys(value)) {
      const name = /^[a-z_]\w*$/i.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      yield [name, Reflect.get(value, key)];
    }
  }
}
