// Program errors: a broken promise of our own code. They crash loudly and are never handled,
// so ProgramError is deliberately no AcmeError.

/** A promise that our own code broke. Not an operating error: let it crash the process. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/**
 * Throws a {@link ProgramError} unless the condition holds.
 *
 * @param condition - what must hold
 * @param message - what was promised, in words
 * @example
 * ```ts
 * assert(queue.length > 0, "pop from an empty queue");
 * ```
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new ProgramError(message);
}

/**
 * The default branch of a switch over a closed union: does not compile while a member is missing.
 *
 * @param value - the switched value, of type never when the switch is complete
 */
export function assertNever(value: never): never {
  throw new ProgramError(`not a member of the union: ${describe(value)}`);
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
