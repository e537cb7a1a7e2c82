// Errors of a scheduler without Python, as pickles of the exceptions that dask's scheduler raises in
// the same case. Reads the fields of a plain error and nothing else.
import type { PayloadHeader } from "@acme/protocol";
import { type PickleNode, PyFloat, PyObject, PyTuple, pyGlobal } from "../pickle/nodes.js";
import { type JsErrorTexts, pickledJsError } from "../values/js-exception.js";
import { pickledException } from "../values/pickled-exception.js";

/**
 * A pickled exception for an error of the scheduler's own.
 *
 * @param fields - `code` and `message`, and what else the error tells
 * @example
 * ```ts
 * const pickle = pythonException(new Map([["message", "No Python worker is connected."]]));
 * ```
 */
export function pythonException(fields: PayloadHeader): Uint8Array {
  const message = String(fields.get("message") ?? "the scheduler gave no reason");
  switch (fields.get("code")) {
    case "KILLED_WORKER":
      return pickledException("distributed.scheduler", "KilledWorker", [
        keyNode(fields.get("wire")),
        lastWorker(String(fields.get("worker"))),
        Number(fields.get("deaths") ?? 1) - 1,
      ]);
    case "NO_VALID_WORKER":
      return noWorker(fields);
    case "P2P_CONSISTENCY":
      return pickledException("distributed.shuffle._exceptions", "P2PConsistencyError", [message]);
    case "ACTOR_LOST":
      return pickledException("builtins", "RuntimeError", ["Worker holding Actor was lost"]);
    case "JS_ERROR":
      return pickledJsError(textsOf(message, String(fields.get("stack") ?? "")));
    default:
      return pickledException("builtins", "RuntimeError", [message]);
  }
}

/** An error that is known as JavaScript prints it. */
function textsOf(printed: string, stack: string): JsErrorTexts {
  const [, name = "", message = printed] = /^([\w$]+): (.*)$/s.exec(printed) ?? [];
  return { name, message, stack };
}

/** dask tells tasks that nobody may run from those that wait for any worker at all. */
function noWorker(fields: PayloadHeader): Uint8Array {
  const key = keyNode(fields.get("wire"));
  const timeout = new PyFloat(Number(fields.get("timeout")));
  const workers = (fields.get("workers") ?? []) as string[];
  const resources = (fields.get("resources") ?? new Map()) as Map<string, number>;
  if (workers.length === 0 && resources.size === 0) {
    return pickledException("distributed.scheduler", "NoWorkerError", [key, timeout]);
  }
  const asked = [new Set<string>(), new Set(workers), resources];
  return pickledException("distributed.scheduler", "NoValidWorkerError", [key, ...asked, timeout]);
}

/** A key as Python has it: what is an array on the wire is a tuple. */
function keyNode(wire: unknown): PickleNode {
  return Array.isArray(wire) ? new PyTuple(wire.map(keyNode)) : (wire as PickleNode);
}

/** The worker that died last, as dask describes one; of all that, only its address is known. */
function lastWorker(address: string): PyObject {
  const kind = pyGlobal("distributed.scheduler", "WorkerState");
  const status = new PyObject("call", pyGlobal("distributed.core", "Status"), ["closed"]);
  const named: [string, PickleNode][] = [
    ["address", address],
    ["name", address],
    ["server_id", address],
    ["status", status],
    ["pid", 0],
    ["memory_limit", 0],
    ["local_directory", ""],
    ["nanny", null],
  ];
  // A call with names only: pickles have none, but a partial function has.
  const state = PyTuple.of(kind, PyTuple.of(), new Map<PickleNode, PickleNode>(named), null);
  const made = new PyObject("call", pyGlobal("functools", "partial"), [kind], { state });
  return new PyObject("call", made, []);
}
