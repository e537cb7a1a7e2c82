// Values that stand in a run spec itself, as JavaScript has them. What each kind of value becomes is
// decided by values/.
import { type Pickled, Serialized } from "@acme/protocol";
import { type PickleNode, PyObject, pyCall, pyGlobal } from "../pickle/nodes.js";
import { pickleLimits } from "../pickle/pickle-limits.js";
import { writePickle } from "../pickle/write-pickle.js";
import { PythonObject } from "../values/python-object.js";
import { ValueReader } from "../values/read-value.js";
import { pythonNode } from "../values/write-value.js";
import type { SpecPlace } from "./spec.js";

const writing = { convert: pythonNode, outOfBandBytes: pickleLimits.outOfBandBytes };
const nothing = new Serialized({ serializer: "pickle", writeable: [] });

/**
 * The value of one node of a run spec. What has no form in JavaScript becomes a handle that can be
 * passed on to Python, which takes it out of the run spec.
 *
 * @param node - what was read there
 * @param place - where it is
 * @param runSpec - the whole, as it came
 */
export function readSpecValue(
  node: PickleNode,
  place: SpecPlace | null,
  runSpec: Pickled,
): unknown {
  if (typeof node !== "object" || node === null) return node;
  const reader = new ValueReader(nothing);
  const value = reader.read(node);
  if (!reader.foundHandle) return value;
  // Written anew, the node would lack what Python does on the way and throws away again.
  const whole = new PythonObject("dask._task_spec.GraphNode", runSpec, []);
  const { bytes, buffers } = writePickle(partOf(place, whole as never), writing);
  const writeable = buffers.map(() => true);
  const payload = new Serialized({ serializer: "pickle", writeable }, [bytes, ...buffers]);
  return new ValueReader(payload).read(node);
}

function partOf(place: SpecPlace | null, whole: PickleNode): PickleNode {
  if (place === null) return whole;
  const { of, attribute, item } = place;
  let part = partOf(of, whole);
  if (attribute !== "") {
    const getter = new PyObject("call", pyGlobal("operator", "attrgetter"), [attribute]);
    part = new PyObject("call", getter, [part]);
  }
  return item === undefined ? part : pyCall("operator", "getitem", part, item);
}
