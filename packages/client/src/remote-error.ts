// From the bytes of an exception to an error to throw here. Errors of our workers come back as
// they were thrown; those of schedulers and of Python are told by what can be read of them.
import { deaths, isAcmeError, plainErrorFields, Serialized } from "@acme/protocol";
import { readPythonException } from "@acme/python";
import { decodeError } from "@acme/serialize";
import type { RemoteBytes } from "./core/index.js";
import { KilledWorker, TaskError } from "./errors.js";

export function remoteError(
  key: string,
  exception: RemoteBytes,
  traceback: RemoteBytes | null,
): Error {
  if (!(exception instanceof Serialized)) return pythonError(key, exception, traceback);
  if (exception.isAcme) return decodeError(exception.frames);
  const fields = plainErrorFields(exception);
  return fields === undefined ? pythonError(key, exception, traceback) : plainError(key, fields);
}

/** What Python raised, or that it cannot be read. */
function pythonError(key: string, exception: RemoteBytes, traceback: RemoteBytes | null): Error {
  try {
    return readPythonException(exception, traceback);
  } catch (cause) {
    if (!isAcmeError(cause)) throw cause;
    return new TaskError(key, `Python raised what cannot be read here: ${cause.message}`);
  }
}

/** An error that a scheduler or worker made itself: code, message and perhaps a stack. */
function plainError(key: string, fields: ReadonlyMap<unknown, unknown>): Error {
  const message = String(fields.get("message") ?? "no message");
  const code = fields.get("code");
  if (code === "KILLED_WORKER") {
    const count = Number(fields.get("deaths") ?? 0);
    const worker = String(fields.get("worker") ?? "");
    const death = deaths.find((one) => one === fields.get("death"));
    const limit = fields.get("memory_limit");
    const memoryLimitBytes = limit === undefined ? undefined : Number(limit);
    return new KilledWorker(key, message, { worker, deaths: count, death, memoryLimitBytes });
  }
  const error = new TaskError(key, message, typeof code === "string" ? code : undefined);
  const stack = fields.get("stack");
  if (typeof stack === "string" && stack !== "") error.stack = stack;
  return error;
}
