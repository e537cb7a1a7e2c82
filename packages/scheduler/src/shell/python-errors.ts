// How an error reaches a client of Python: as an exception that it can raise. Ours get the plain
// form, which carries code and stack. Which exception an error is, its maker says.
import type { Connection } from "@acme/comm";
import {
  AcmeError,
  encodePlainError,
  isAcmeError,
  Pickled,
  type PythonException,
  Serialized,
} from "@acme/protocol";
import type { PythonPickles } from "./python-side.js";

/** What Python would have to do inside the scheduler, and what to do instead. */
export class NeedsPythonError extends AcmeError {
  readonly code = "NEEDS_PYTHON";
  readonly raises = "NotImplementedError";

  constructor(what: string, instead: string) {
    super(`${what} needs Python inside the scheduler, and this scheduler runs none: ${instead}`);
  }
}

/** An error that dask's scheduler makes too, by the name of its exception. */
export class PythonNamedError extends AcmeError {
  readonly code = "REQUEST_REFUSED";
  readonly raises: PythonException;

  constructor(raises: PythonException, message: string) {
    super(message);
    this.raises = raises;
  }
}

/** For `serve`: an error in the form that its reader raises it. */
export function errorEncoder(
  pickles: PythonPickles | undefined,
): (error: unknown, peer: Connection) => Serialized | Pickled {
  return (error, peer) => {
    if (peer.isAcmePeer || pickles === undefined) {
      return encodePlainError(error, { raises: pythonName(error) });
    }
    return raisedElsewhere(error) ?? pickles.exceptionPayload(pythonName(error), messageOf(error));
  };
}

/** What a Python worker raised at a request that was passed on to it: its asker gets that itself. */
function raisedElsewhere(error: unknown): Serialized | Pickled | undefined {
  const { cause } = error as { cause?: unknown };
  if (!isAcmeError(cause, "RPC_FAILED")) return undefined;
  const { exception } = cause as { exception?: unknown };
  if (exception instanceof Pickled) return exception;
  const isOfPython =
    exception instanceof Serialized && exception.header.get("serializer") === "pickle";
  return isOfPython ? exception : undefined;
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const byCode = new Map<string, PythonException>([
  ["CONNECT_FAILED", "OSError"],
  ["CONNECTION_CLOSED", "OSError"],
  ["HANDSHAKE_FAILED", "OSError"],
  ["TLS_FAILED", "OSError"],
  ["RPC_TIMEOUT", "TimeoutError"],
  ["WIRE_FORMAT", "ValueError"],
  ["LIMIT_EXCEEDED", "ValueError"],
  ["UNKNOWN_OP", "NotImplementedError"],
]);

export function pythonName(error: unknown): PythonException {
  if (typeof error !== "object" || error === null) return "RuntimeError";
  const { raises } = error as { raises?: PythonException };
  if (raises !== undefined) return raises;
  return (isAcmeError(error) ? byCode.get(error.code) : undefined) ?? "RuntimeError";
}
