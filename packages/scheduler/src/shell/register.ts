// How a connection becomes the stream of a worker or a client: the registration waits for the
// core, its reply is the first thing on the link, then the connection is a stream.
import type { RpcContext, RpcReply } from "@acme/comm";
import type { ClientId, SchedulerRequest } from "@acme/protocol";
import type { Peer } from "./links.js";
import type { ShellContext } from "./shell-context.js";

type Registration<O extends string> = Extract<SchedulerRequest, { op: O }>;

export function registerWorker(
  shell: ShellContext,
  registration: Registration<"register-worker">,
  context: RpcContext,
): RpcReply {
  const link = shell.links.next();
  const requestId = openWhenAnswered(shell, link, context, {
    kind: "worker",
    address: registration.address,
  });
  shell.post({ type: "worker-registered", requestId, link, registration });
  return null;
}

export function registerClient(
  shell: ShellContext,
  { client, acme, versions }: Registration<"register-client">,
  context: RpcContext,
): RpcReply {
  const link = shell.links.next();
  const requestId = openWhenAnswered(shell, link, context, {
    kind: "client",
    isPython: (acme ?? 0) === 0,
  });
  shell.post({
    type: "client-registered",
    requestId,
    link,
    client: client as ClientId,
    acme,
    versions,
  });
  return null;
}

function openWhenAnswered(
  shell: ShellContext,
  link: number,
  context: RpcContext,
  peer: Peer,
): number {
  const connection = context.takeOver();
  const requestId = shell.replies.next();
  shell.replies.onReply(requestId, {
    resolve: (reply) => {
      if (connection.isOpen) connection.send(reply as object);
      shell.links.open(link, peer, connection);
    },
    reject: (error) => {
      if (connection.isOpen) connection.send({ status: "error", message: error.message });
      void connection.close({ reason: error.message });
    },
  });
  return requestId;
}
