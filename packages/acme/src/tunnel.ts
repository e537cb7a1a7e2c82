// A cluster behind a login node, made to look like one of this machine: one ssh connection, a
// forwarded port for the scheduler and one for HTTP, and a copy of the directory.
import { parseAddress } from "@acme/comm";
import type { ClusterDirectory } from "@acme/credentials";
import { TunnelError } from "./errors.js";
import { clearName, makeLocalCopy, removeLocalCopy } from "./local-copy.js";
import type { RemoteCluster } from "./remote-cluster.js";
import { isLoopback } from "./running-cluster.js";
import { type SshOptions, SshSession } from "./ssh-session.js";

export interface TunnelOptions extends SshOptions {
  /** Of the cluster there. */
  readonly name: string;
  /** Of its copy here. */
  readonly localName: string;
}

/** An open tunnel. */
export interface Tunnel {
  readonly directory: ClusterDirectory;
  readonly address: string;
  /** null: the page cannot be reached from the machine that was asked. */
  readonly httpPort: number | null;
  /** Resolves when ssh has ended, whoever wanted that. */
  readonly ended: Promise<number | null>;
  /** Ends ssh and removes the copy. */
  close(): Promise<void>;
}

/** @throws TunnelError, UsageError */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  clearName(options.localName);
  const session = new SshSession(options);
  try {
    const remote = await session.readCluster(options.name);
    const { address, httpPort } = await forwardAll(session, remote, options);
    const directory = makeLocalCopy(options.localName, remote, { address, httpPort });
    const close = async () => {
      removeLocalCopy(directory);
      await session.close();
    };
    return { directory, address, httpPort, ended: session.ended, close };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function forwardAll(
  session: SshSession,
  { contact, host }: RemoteCluster,
  { name, target }: TunnelOptions,
): Promise<{ address: string; httpPort: number | null }> {
  const { scheme, host: schedulerHost, port } = parseAddress(contact.address);
  const sameMachine = contact.host === null || contact.host === host;
  if (isLoopback(schedulerHost) && !sameMachine) {
    const user = target.includes("@") ? `${target.split("@", 1)[0]}@` : "";
    throw new TunnelError(
      `The scheduler of ${name} can be reached on ${contact.host} alone, not from ${host}: start ` +
        `it with --host, or acme connect ${user}${contact.host} ${name}`,
    );
  }
  const here = await session.forward(schedulerHost, port);
  // HTTP listens on the loopback of its machine.
  const web =
    contact.httpPort === null || !sameMachine
      ? null
      : await session.forward("127.0.0.1", contact.httpPort);
  return { address: `${scheme}://127.0.0.1:${here}`, httpPort: web };
}
