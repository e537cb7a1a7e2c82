// Requests that the core answers: posted as an event, and waited for until it does. Once the asker is
// gone nobody waits any more.
import type { RpcContext, RpcReply } from "@acme/comm";
import type { CoreRequest } from "../core/index.js";
import type { ShellContext } from "./shell-context.js";

export async function park(
  shell: ShellContext,
  request: CoreRequest,
  context: RpcContext,
): Promise<RpcReply> {
  const requestId = shell.replies.next();
  const answer = shell.replies.wait(requestId);
  shell.post({ type: "request", requestId, link: 0, request });
  giveUpWith(shell, requestId, context);
  return (await answer) as RpcReply;
}

/** Once the asker is gone nobody waits; `over` is called then, or when the request is answered. */
export function giveUpWith(
  shell: ShellContext,
  requestId: number,
  { signal }: RpcContext,
  over: () => void = () => {},
): void {
  const onGone = () => {
    if (shell.replies.forget(requestId)) shell.post({ type: "request-gone", requestId });
  };
  shell.replies.onSettled(requestId, () => {
    signal.removeEventListener("abort", onGone);
    over();
  });
  if (signal.aborted) onGone();
  else signal.addEventListener("abort", onGone, { once: true });
}
