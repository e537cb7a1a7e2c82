// dask's reply of a handler that threw, made and read. What an exception looks like inside is the
// business of whoever encodes it; the default carries name, message and stack only.
import type { Pickled, Serialized, WireMap, WireValue } from "@acme/protocol";
import { RpcError } from "./errors.js";

const uncaught = "uncaught-error";

/** The reply that tells a caller about an error. */
export function errorReply(
  error: unknown,
  encode: (error: unknown) => Serialized | Pickled,
): object {
  return {
    status: uncaught,
    exception: encode(error),
    traceback: null,
    exception_text: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    traceback_text: stackOf(error),
  };
}

/** Reads an error reply; undefined if the reply is none. */
export function rpcErrorOf(
  reply: WireValue,
  call: { address: string; op: string },
): RpcError | undefined {
  if (!(reply instanceof Map) || reply.get("status") !== uncaught) return undefined;
  const fields: WireMap = reply;
  const text = (name: string): string => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
  return new RpcError({
    ...call,
    remoteText: text("exception_text") || "the peer gave no text",
    remoteTraceback: text("traceback_text"),
    exception: fields.get("exception"),
  });
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? "") : "";
}
