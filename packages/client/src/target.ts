// What a client can connect to, and how each is turned into an address with its security.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Security } from "@acme/comm";
import { NoClusterError } from "./errors.js";

/** A running cluster, as far as a client is concerned. */
export interface ClusterHandle {
  readonly schedulerAddress: string;
  readonly security?: Security | undefined;
  close(): Promise<unknown>;
}

/**
 * An address (`tcp://host:port`), a contact file written by a scheduler, the name of a cluster
 * under `~/.acme/clusters`, or a cluster object.
 */
export type ConnectTarget =
  | string
  | { readonly schedulerFile: string }
  | { readonly name: string }
  | ClusterHandle;

export interface Contact {
  readonly address: string;
  readonly security: Security | undefined;
}

/** @throws NoClusterError if there is no such file, or it names no address */
export async function findContact(target: ConnectTarget): Promise<Contact> {
  if (typeof target === "string") return { address: target, security: undefined };
  if ("schedulerAddress" in target) {
    return { address: target.schedulerAddress, security: target.security };
  }
  if ("schedulerFile" in target) return readContactFile(target.schedulerFile);
  return readContactFile(join(homedir(), ".acme", "clusters", target.name, "scheduler.json"));
}

async function readContactFile(path: string): Promise<Contact> {
  let address: unknown;
  try {
    address = (JSON.parse(await readFile(path, "utf8")) as { address?: unknown }).address;
  } catch (cause) {
    throw new NoClusterError(`cannot read ${path}; is the scheduler running?`, { cause });
  }
  if (typeof address === "string") return { address, security: undefined };
  throw new NoClusterError(`${path} names no address: it is no contact file of a scheduler`);
}
