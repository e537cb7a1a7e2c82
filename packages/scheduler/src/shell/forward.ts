// Passes a request on to workers or their nannies as it came: `broadcast` and `proxy`. Moves
// messages and decides nothing; which addresses exist is read by the caller.
import type { RpcPool } from "@acme/comm";
import { AcmeError, WireFormatError, type WireMap, type WireValue } from "@acme/protocol";
import { shellLimits } from "./limits.js";

/** A peer did not answer a request that was passed on. */
class ForwardError extends AcmeError {
  readonly code = "FORWARD_FAILED";
  readonly address: string;

  constructor(address: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${address} did not answer the request passed on to it: ${why}`, { cause });
    this.address = address;
  }
}

/** Asks all addresses at once; `onError` "return" puts a text in the place of a failed answer. */
export async function broadcast(
  pool: RpcPool,
  request: unknown,
  addresses: ReadonlyMap<string, string>,
  onError: string,
): Promise<Map<string, WireValue>> {
  const answers = [...addresses].map(
    async ([name, address]): Promise<[string, WireValue] | null> => {
      try {
        return [name, await forward(pool, request, address)];
      } catch (error) {
        if (onError === "raise") throw error;
        return onError === "ignore" ? null : [name, String(error)];
      }
    },
  );
  const settled = await Promise.all(answers);
  return new Map(settled.filter((answer) => answer !== null));
}

export async function forward(
  pool: RpcPool,
  request: unknown,
  address: string,
): Promise<WireValue> {
  if (!(request instanceof Map) || typeof request.get("op") !== "string") {
    throw new WireFormatError("the request to pass on must be a map with an op");
  }
  try {
    return await pool.call(address, request as WireMap, {
      timeoutMs: shellLimits.forwardTimeoutMs,
    });
  } catch (error) {
    throw new ForwardError(address, error);
  }
}
