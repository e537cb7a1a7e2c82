// What a client can connect to, and how each is turned into an address with its security. It
// connects to nobody.
import { readSecurity, type Security } from "@acme/comm";
import { loadConfig } from "@acme/config";
import { isAcmeError } from "@acme/protocol";
import { ArgumentError } from "./errors.js";

/** A running cluster, as far as a client is concerned. */
export interface ClusterHandle {
  readonly schedulerAddress: string;
  readonly security?: Security | undefined;
  close(): Promise<unknown>;
}

/**
 * An address (`tls://host:port`), the name of a cluster or the path of its directory, a contact file
 * written by a scheduler, or a cluster object.
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

/**
 * @param given - security that the caller brings: then none is looked for
 * @throws ContactFileError if there is no such file, or it names no address; NoCredentialsError,
 *   LooseCredentialsError, CredentialsError, ClusterNotFoundError; ArgumentError
 */
export async function findContact(target: ConnectTarget, given?: Security): Promise<Contact> {
  if (typeof target === "string") {
    return target.includes(":") ? atAddress(target, given) : inCluster(target, given);
  }
  const names = ["schedulerAddress", "schedulerFile", "name"];
  if (typeof target !== "object" || !names.some((name) => name in target)) {
    throw new ArgumentError(
      'this is nothing to connect to: give "tls://host:port", the name of a cluster, ' +
        "{ schedulerFile }, or a cluster that was started",
    );
  }
  if ("schedulerAddress" in target) {
    return { address: target.schedulerAddress, security: given ?? target.security };
  }
  if ("name" in target) return inCluster(target.name, given);
  const { accessByFile, readContactFile } = await credentials();
  if (given === undefined) return accessByFile(target.schedulerFile);
  return { address: readContactFile(target.schedulerFile).address, security: given };
}

/** Not before they are needed: most programs start a cluster of their own. */
const credentials = () => import("@acme/credentials");

async function inCluster(name: string, given: Security | undefined): Promise<Contact> {
  const { address, security } = (await credentials()).accessByName(name);
  return { address, security: given ?? security };
}

/** What a cluster of this user has announced goes before what is set for all addresses. */
async function atAddress(address: string, given: Security | undefined): Promise<Contact> {
  if (given !== undefined && address.includes("://")) return { address, security: given };
  const { accessByAddress } = await credentials();
  try {
    return accessByAddress(address);
  } catch (error) {
    const security = isAcmeError(error, "NO_CREDENTIALS") ? configuredSecurity() : undefined;
    if (security === undefined || !address.includes("://")) throw error;
    return { address, security };
  }
}

/** The certificates of dask's settings `distributed.comm.tls`, if there are any. */
function configuredSecurity(): Security | undefined {
  const config = loadConfig();
  const setting = (name: string): string | undefined =>
    config.getString(`distributed.comm.tls.${name}`, null) ?? undefined;
  const tlsCaFile = setting("ca-file");
  if (tlsCaFile === undefined) return undefined;
  return readSecurity({
    tlsCaFile,
    tlsCert: setting("client.cert"),
    tlsKey: setting("client.key"),
  });
}

/** The cluster object that a target is; undefined for addresses, names and files. */
export function handleOf(target: ConnectTarget | undefined): ClusterHandle | undefined {
  return typeof target === "object" && "schedulerAddress" in target ? target : undefined;
}

/** The address of dask's setting `scheduler-address`, if there is one. */
export function configuredAddress(): string | undefined {
  const address = loadConfig().get("scheduler-address", undefined);
  return typeof address === "string" && address !== "" ? address : undefined;
}
