// Errors of a scheduler without Python, as pickles of the exceptions that dask's scheduler raises in
// the same case. Reads the fields of a plain error and nothing else.
import type { PayloadHeader } from "@acme/protocol";
import { PyObject, pyGlobal } from "../pickle/nodes.js";
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
        String(fields.get("key")),
        lastWorker(String(fields.get("worker"))),
        Number(fields.get("deaths") ?? 1) - 1,
      ]);
    case "NO_VALID_WORKER":
      return pickledException("distributed.scheduler", "NoValidWorkerError", [message]);
    case "P2P_CONSISTENCY":
      return pickledException("distributed.shuffle._exceptions", "P2PConsistencyError", [message]);
    default:
      return pickledException("builtins", "RuntimeError", [message]);
  }
}

/** Of the worker that died last dask shows the address. */
function lastWorker(address: string): PyObject {
  const state = new Map([["address", address]]);
  return new PyObject("call", pyGlobal("types", "SimpleNamespace"), [], { state });
}
