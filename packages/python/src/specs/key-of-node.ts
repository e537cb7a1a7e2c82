// Task keys as they stand in pickles: text, numbers and tuples, to the form that this worker knows
// them by. Knows nothing of what keys are for.
import { type TaskKey, taskKey, type WireKey } from "@acme/protocol";
import { type PickleNode, PyTuple } from "../pickle/nodes.js";
import { RunSpecError } from "./run-spec-error.js";

/**
 * The canonical form of a pickled key.
 *
 * @throws RunSpecError if the node cannot be one
 */
export function keyOfNode(node: PickleNode): TaskKey {
  return taskKey(wireOf(node, 0));
}

const depthMax = 32;

function wireOf(node: PickleNode, depth: number): WireKey {
  switch (typeof node) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return node;
    default:
  }
  if (node instanceof Uint8Array) return node;
  if (node instanceof PyTuple && depth < depthMax) {
    return node.items.map((item) => wireOf(item, depth + 1));
  }
  throw new RunSpecError("a task key is no text, number or tuple of them");
}
