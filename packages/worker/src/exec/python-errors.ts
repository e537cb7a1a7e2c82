// Errors that this room makes itself, for clients that are Python's: an exception that Python raises
// as it is. The package that knows how is loaded when the first one is needed.
import type { Serialized } from "@acme/protocol";

/** An exception that any Python can raise. */
export async function forPython(error: Error): Promise<Serialized> {
  const { jsException } = await import("@acme/python");
  return jsException(error);
}
