// Writes the file through which workers and clients find a scheduler: dask's scheduler file, with
// our additions. Written under another name and renamed, so that a reader never sees half of it.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { AcmeError } from "@acme/protocol";
import { packageVersion } from "./versions.js";

/** What the contact file tells about. */
export interface ContactSource {
  readonly id: string;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly httpPort: number | null;
}

/** The contact file cannot be written. */
class ContactFileWriteError extends AcmeError {
  readonly code = "CONTACT_FILE_WRITE";
  readonly path: string;

  constructor(path: string, cause: Error) {
    super(`Cannot write the contact file ${path}: ${cause.message}. Does its folder exist?`, {
      cause,
    });
    this.path = path;
  }
}

/**
 * Writes the contact file of a scheduler that listens.
 *
 * @param path - of the file; its folder must exist
 * @throws ContactFileWriteError
 */
export function writeContactFile(path: string, source: ContactSource): void {
  const contact = {
    type: "Scheduler",
    id: source.id,
    address: source.address,
    addresses: source.addresses,
    services: source.httpPort === null ? {} : { dashboard: source.httpPort },
    workers: {},
    versions: { acme: packageVersion, node: process.versions.node },
    pid: process.pid,
    jobId: process.env.SLURM_JOB_ID ?? null,
  };
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(contact, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (cause) {
    throw new ContactFileWriteError(path, cause as Error);
  }
}

/** Removes the contact file, unless another scheduler has put its own in its place. */
export function removeContactFile(path: string, { id }: Pick<ContactSource, "id">): void {
  try {
    const contact = JSON.parse(readFileSync(path, "utf8")) as { id?: unknown };
    if (contact.id === id) rmSync(path, { force: true });
  } catch {
    // Gone already, or no contact file any more: nothing here is ours.
  }
}
