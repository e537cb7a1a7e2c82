// A cluster of this user with its scheduler: where it is, and whether it answers.
// Says nothing to people; lists, links and tunnels are made elsewhere.
import { hostname } from "node:os";
import { connect, parseAddress } from "@acme/comm";
import { type ClusterDirectory, type Contact, openClusterDirectory } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { NoSchedulerError } from "./errors.js";
import { commandLimits } from "./limits.js";

export interface RunningCluster {
  readonly directory: ClusterDirectory;
  readonly contact: Contact;
}

/** @throws NoSchedulerError, and what is wrong with the directory */
export function openRunningCluster(name: string): RunningCluster {
  const directory = openClusterDirectory(name);
  const contact = directory.contact();
  if (contact === null) throw new NoSchedulerError(name, `The cluster ${name} has no scheduler`);
  return { directory, contact };
}

export const isEncrypted = (address: string): boolean => /^(tls|wss):/.test(address);

/** Whether its scheduler can be reached, and has the cluster's certificates if it encrypts. */
export async function answers({ directory, contact }: RunningCluster): Promise<boolean> {
  const { address } = contact;
  const security = isEncrypted(address) ? directory.security : undefined;
  const timeoutMs = commandLimits.aliveTimeoutMs;
  try {
    const connection = await connect(address, { security, timeoutMs });
    await connection.close({ reason: "only asked whether it runs" });
    return true;
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    return false;
  }
}

/** The machine whose loopback the scheduler listens on, if it is not this one; else null. */
export function elsewhere({ host, address }: Contact): string | null {
  return host !== null && host !== hostname() && isLoopback(hostOf(address)) ? host : null;
}

export const hostOf = (address: string): string => parseAddress(address).host;

export const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);
