// From what a user names (a cluster, a contact file, an address) to an address and the credentials
// for it. Reads files; connects to nobody.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Security } from "@acme/comm";
import { type ClusterDirectory, openClusterDirectory } from "./cluster-directory.js";
import { type Contact, readContactFile } from "./contact-file.js";
import { ContactFileError, NoCredentialsError } from "./errors.js";
import { findClusterByAddress } from "./find-cluster.js";
import { clustersFolder, fileNames } from "./places.js";

/** Where a scheduler is and how to get in. */
export interface Access {
  readonly address: string;
  /** Undefined where none is needed: plaintext and memory. */
  readonly security: Security | undefined;
  /** Where the credentials were found. */
  readonly directory: ClusterDirectory | undefined;
}

/**
 * Access to a cluster by its name or the path of its directory.
 *
 * @throws ContactFileError if it has no scheduler now, and what is wrong with its directory
 */
export function accessByName(nameOrFolder: string): Access {
  const directory = openClusterDirectory(nameOrFolder);
  const contact = directory.contact();
  if (contact !== null) return accessOf(contact.address, directory);
  throw new ContactFileError(
    directory.files.contact,
    `The cluster ${directory.name} has no scheduler now: acme-scheduler --name ${directory.name}`,
  );
}

/**
 * Access through a contact file. Credentials lie beside it, or where it says, or where another
 * contact file names the same address.
 *
 * @throws ContactFileError, NoCredentialsError, and what is wrong with the credentials found
 */
export function accessByFile(path: string): Access {
  const contact = readContactFile(path);
  return accessOf(contact.address, directoryOf(resolve(path), contact));
}

/**
 * Access to an address.
 *
 * @param address - without a scheme it must be that of a cluster of this user
 * @throws NoCredentialsError, and what is wrong with the credentials found
 */
export function accessByAddress(address: string): Access {
  if (isPlain(address)) return { address, security: undefined, directory: undefined };
  const directory = findClusterByAddress(address);
  if (address.includes("://")) return accessOf(address, directory);
  const wanted = address.replace(/^localhost:/, "127.0.0.1:");
  const contact = directory?.contact();
  const full = contact?.addresses.find((each) => each.endsWith(`://${wanted}`));
  return accessOf(full ?? `tls://${address}`, directory);
}

function directoryOf(path: string, contact: Contact): ClusterDirectory | undefined {
  const folder = dirname(path);
  if (existsSync(join(folder, fileNames.key)) && existsSync(join(folder, fileNames.token))) {
    return openClusterDirectory(folder);
  }
  if (contact.folder !== null && existsSync(contact.folder)) {
    return openClusterDirectory(contact.folder);
  }
  return isPlain(contact.address) ? undefined : findClusterByAddress(contact.address);
}

/** @throws NoCredentialsError if some are needed */
function accessOf(address: string, directory: ClusterDirectory | undefined): Access {
  if (directory !== undefined || isPlain(address)) {
    return { address, security: directory?.security, directory };
  }
  throw new NoCredentialsError(address, clustersFolder());
}

const isPlain = (address: string): boolean => /^(tcp|ws|inproc):\/\//.test(address);
