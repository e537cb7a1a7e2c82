// Keys of tasks as pickles have them: tuples are arrays on the wire and tuples in Python.
// Knows nothing of what the keys name.
import type { WireKey } from "@acme/protocol";
import { type PickleNode, PyTuple } from "../pickle/nodes.js";

/** The key as Python wants it, to be written. */
export function keyNode(key: WireKey): PickleNode {
  if (Array.isArray(key)) return new PyTuple((key as readonly WireKey[]).map(keyNode));
  if (key instanceof Uint8Array) return Buffer.from(key);
  return key as string | number | bigint | boolean;
}
