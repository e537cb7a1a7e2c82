// Passes a request on to workers or their nannies as it came: `broadcast` and `proxy`. Moves
// messages and decides nothing; which addresses exist is read by the caller.
import { RpcError, type RpcPool } from "@acme/comm";
import {
  AcmeError,
  type PythonException,
  WireFormatError,
  type WireMap,
  type WireValue,
} from "@acme/protocol";
import { shellLimits } from "./limits.js";
import { messageOf, pythonName } from "./python-errors.js";

/** A peer did not answer a request that was passed on. */
class ForwardError extends AcmeError {
  readonly code = "FORWARD_FAILED";
  readonly address: string;
  /** What dask's scheduler raises in such a case. */
  readonly raises: PythonException;

  constructor(address: string, cause: unknown) {
    // Dask's clients are told what the peer said and no more.
    const text = remoteTextOf(cause);
    super(text ?? `${address} did not answer the request passed on to it: ${messageOf(cause)}`, {
      cause,
    });
    this.address = address;
    this.raises = text === undefined ? pythonName(cause) : "Exception";
  }
}

const remoteTextOf = (cause: unknown): string | undefined =>
  cause instanceof RpcError ? cause.remoteText : undefined;

/** What stands in the answer for a peer that failed. */
export type OnForwardError = (error: unknown) => WireValue;

export interface ForwardOptions {
  pool: RpcPool;
  /** What stands in the place of a failed answer; "raise": the whole request fails; "ignore": nothing. */
  onError: "raise" | "ignore" | OnForwardError;
  signal?: AbortSignal | undefined;
}

/** Asks all addresses at once. */
export async function broadcast(
  request: unknown,
  addresses: ReadonlyMap<string, string>,
  options: ForwardOptions,
): Promise<Map<string, WireValue>> {
  const { onError } = options;
  const answers = [...addresses].map(
    async ([name, address]): Promise<[string, WireValue] | null> => {
      try {
        return [name, await forward(request, address, options)];
      } catch (error) {
        if (onError === "raise") throw error;
        return onError === "ignore" ? null : [name, onError(error)];
      }
    },
  );
  const settled = await Promise.all(answers);
  return new Map(settled.filter((answer) => answer !== null));
}

export async function forward(
  request: unknown,
  address: string,
  { pool, signal }: Omit<ForwardOptions, "onError">,
): Promise<WireValue> {
  const isMap = request instanceof Map && typeof request.get("op") === "string";
  if (!isMap && typeof (request as { op?: unknown } | null)?.op !== "string") {
    throw new WireFormatError("the request to pass on must be a map with an op");
  }
  try {
    return await pool.call(address, request as WireMap, {
      timeoutMs: shellLimits.forwardTimeoutMs,
      signal,
    });
  } catch (error) {
    throw new ForwardError(address, error);
  }
}
