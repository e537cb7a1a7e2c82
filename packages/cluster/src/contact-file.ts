// Finds a scheduler through its contact file (dask's scheduler file), or through the name of a
// cluster directory. Reads files; connects to nobody.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { AcmeError } from "@acme/protocol";

/** What a contact file tells. */
export interface Contact {
  readonly id: string;
  readonly address: string;
  readonly addresses: readonly string[];
}

/** The contact file is missing, or is none. */
export class ContactFileError extends AcmeError {
  readonly code = "CONTACT_FILE";
  readonly path: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(`Cannot find a scheduler through ${path}: ${why}. Is the scheduler running?`, { cause });
    this.path = path;
  }
}

/**
 * Reads a contact file.
 *
 * @throws ContactFileError
 * @example
 * ```ts
 * const { address } = readContactFile("scheduler.json");
 * ```
 */
export function readContactFile(path: string): Contact {
  let contact: Partial<Contact>;
  try {
    contact = JSON.parse(readFileSync(path, "utf8")) as Partial<Contact>;
  } catch (cause) {
    throw new ContactFileError(path, (cause as Error).message, cause);
  }
  if (typeof contact.address !== "string") throw new ContactFileError(path, "it has no address");
  const { address, id = "", addresses = [address] } = contact;
  return { id, address, addresses };
}

/** The contact file of a named cluster, below the user's home. */
export function contactFileOf(name: string): string {
  return join(homedir(), ".acme", "clusters", name, "scheduler.json");
}
