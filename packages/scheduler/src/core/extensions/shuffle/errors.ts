// How a request about a shuffle is turned down: an answer that says so, not a failed request, as
// dask's worker plugin expects. Whoever translates for Python makes its P2PConsistencyError.
import { plainErrorOf } from "@acme/protocol";
import type { RequestId } from "../../events.js";
import { reply, type Turn } from "../../turn.js";

export function turnDown(turn: Turn, requestId: RequestId, message: string): void {
  reply(turn, requestId, {
    status: "error",
    exception: plainErrorOf({ code: "P2P_CONSISTENCY", message }),
    traceback: null,
    exception_text: message,
    traceback_text: "",
    message,
  });
}
