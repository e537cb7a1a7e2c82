// What a Python worker answers to `run` when the function gives bytes, read. Knows no function, and
// asks nobody.
import { decodeBytes, Serialized, type WireValue } from "@acme/protocol";
import { PythonError } from "@acme/python";

/** @throws PythonError if it answered with an error, or with no bytes */
export function bytesOfRun(reply: WireValue): Uint8Array {
  const result = reply instanceof Map ? reply.get("result") : undefined;
  const bytes = result instanceof Serialized ? decodeBytes(result) : undefined;
  if (bytes !== undefined) return bytes;
  const text = reply instanceof Map ? reply.get("exception_text") : undefined;
  throw new PythonError("PYTHON_FAILED", `it answered with an error: ${String(text)}`);
}
