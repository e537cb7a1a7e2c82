// Answers that tell a Python peer of an error that it raises itself: what the core says of the error
// is put into a form that Python reads. Must not know pickle.
import type { RpcReply } from "@acme/comm";
import { type PayloadHeader, plainErrorFields, Serialized } from "@acme/protocol";

/** The answer with its `exception` as Python has it; an answer without one as it is. */
export function forPython(
  reply: RpcReply,
  exceptionOf: (fields: PayloadHeader) => Uint8Array | undefined,
): RpcReply {
  if (typeof reply !== "object" || reply === null || !("exception" in reply)) return reply;
  const { exception } = reply;
  if (!(exception instanceof Serialized)) return reply;
  const fields = plainErrorFields(exception);
  const pickle = fields === undefined ? undefined : exceptionOf(fields);
  return pickle === undefined ? reply : { ...reply, exception: pickle };
}
