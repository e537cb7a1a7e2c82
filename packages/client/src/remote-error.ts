// From the bytes of an exception to an error to throw here. Errors of our workers come back as
// they were thrown; those of schedulers and of Python are told by what can be read of them.
import { plainErrorFields, Serialized } from "@acme/protocol";
import { decodeError } from "@acme/serialize";
import type { RemoteBytes } from "./core/index.js";
import { KilledWorker, TaskError } from "./errors.js";

export function remoteError(
  key: string,
  exception: RemoteBytes,
  traceback: RemoteBytes | null,
): Error {
  if (!(exception instanceof Serialized)) return foreignError(key, traceback);
  if (exception.isAcme) return decodeError(exception.frames);
  const fields = plainErrorFields(exception);
  return fields === undefined ? foreignError(key, traceback) : plainError(key, fields);
}

/** An error that a scheduler or worker made itself: code, message and perhaps a stack. */
function plainError(key: string, fields: ReadonlyMap<unknown, unknown>): Error {
  const message = String(fields.get("message") ?? "no message");
  const code = fields.get("code");
  if (code === "KILLED_WORKER") {
    const deaths = Number(fields.get("deaths") ?? 0);
    return new KilledWorker(key, message, { worker: String(fields.get("worker") ?? ""), deaths });
  }
  const error = new TaskError(key, message, typeof code === "string" ? code : undefined);
  const stack = fields.get("stack");
  if (typeof stack === "string" && stack !== "") error.stack = stack;
  return error;
}

function foreignError(key: string, traceback: RemoteBytes | null): Error {
  const text = traceback === null ? "" : " with a traceback";
  return new TaskError(key, `a Python error${text} that cannot be read here; see the worker's log`);
}
