// What a client can connect to, and how each is turned into an address with its security. It
// connects to nobody.
import { contactFileOf, readContactFile } from "@acme/cluster";
import type { Security } from "@acme/comm";
import { loadConfig } from "@acme/config";
import { ArgumentError } from "./errors.js";

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

/** @throws ContactFileError if there is no such file, or it names no address; ArgumentError */
export function findContact(target: ConnectTarget): Contact {
  if (typeof target === "string") return { address: target, security: undefined };
  const names = ["schedulerAddress", "schedulerFile", "name"];
  if (typeof target !== "object" || !names.some((name) => name in target)) {
    throw new ArgumentError(
      'this is nothing to connect to: give "tcp://host:port", { schedulerFile }, { name }, or a ' +
        "cluster that was started",
    );
  }
  if ("schedulerAddress" in target) {
    return { address: target.schedulerAddress, security: target.security };
  }
  const file = "schedulerFile" in target ? target.schedulerFile : contactFileOf(target.name);
  return { address: readContactFile(file).address, security: undefined };
}

/** The address of dask's setting `scheduler-address`, if there is one. */
export function configuredAddress(): string | undefined {
  const address = loadConfig().get("scheduler-address", undefined);
  return typeof address === "string" && address !== "" ? address : undefined;
}
