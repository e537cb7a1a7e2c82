// Exceptions that Python peers raise without anybody having raised them in Python: what a scheduler
// or a Node worker has to say. It knows no particular exception.
import { encodeBytes, type Serialized } from "@acme/protocol";
import { type PickleNode, pyCall } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";

/**
 * The pickle of an exception, which Python makes by calling its class.
 *
 * @param module - where the class is, such as `"builtins"`
 * @param name - its name, such as `"RuntimeError"`
 * @param args - what the class is called with
 * @example
 * ```ts
 * pickledException("builtins", "RuntimeError", ["no worker is left"]);
 * ```
 */
export function pickledException(
  module: string,
  name: string,
  args: readonly PickleNode[],
): Uint8Array {
  return writePickle(pyCall(module, name, ...args)).bytes;
}

/** The same as dask puts it into `task-erred` and error replies: serialized bytes of a pickle. */
export function exceptionPayload(
  module: string,
  name: string,
  args: readonly PickleNode[],
): Serialized {
  return encodeBytes(pickledException(module, name, args));
}
