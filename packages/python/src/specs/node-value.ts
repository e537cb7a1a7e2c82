// Values that stand in a run spec itself, as JavaScript has them. What each kind of value becomes is
// decided by values/.
import { Serialized } from "@acme/protocol";
import type { PickleNode } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";
import { ValueReader } from "../values/read-value.js";

const nothing = new Serialized({ serializer: "pickle", writeable: [] });

/**
 * The value of one node of a pickle. What has no form in JavaScript becomes a handle that can be
 * passed on to Python: it keeps this node, and nothing of the run spec around it.
 */
export function readPythonNode(node: PickleNode): unknown {
  if (typeof node !== "object" || node === null) return node;
  const reader = new ValueReader(nothing);
  const value = reader.read(node);
  if (!reader.foundHandle) return value;
  const payload = new Serialized({ serializer: "pickle", writeable: [] }, [
    writePickle(node).bytes,
  ]);
  return new ValueReader(payload).read(node);
}
