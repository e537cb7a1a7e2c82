// The file through which workers and clients find a scheduler: dask's scheduler file, with our
// additions. Connects to nobody; who may use what is in it is decided by those who read it.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { ContactFileError } from "./errors.js";

/** What a scheduler tells about itself. */
export interface ContactSource {
  readonly id: string;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly httpPort: number | null;
  /** Of the package that runs it. */
  readonly version: string;
  /** The machine it runs on; default: this one. */
  readonly host?: string | undefined;
  /** Name of the batch job it runs in. */
  readonly jobId?: string | null | undefined;
  /** How often the batch system has started that job again. */
  readonly restarts?: number | undefined;
  /** The cluster directory that has its credentials. */
  readonly folder?: string | undefined;
}

/** What a contact file tells. */
export interface Contact {
  readonly id: string;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly pid: number | null;
  readonly host: string | null;
  /** Name of the batch job it runs in. */
  readonly jobId: string | null;
  /** How often that job had been started again when this was written. */
  readonly restarts: number;
  /** Port of its HTTP server. */
  readonly httpPort: number | null;
  /** The cluster directory that has its credentials. */
  readonly folder: string | null;
}

/**
 * Writes a contact file; a reader never sees half of it.
 *
 * @param path - of the file; its folder must exist
 * @param options - `exclusive`: there must be none yet
 * @throws ContactFileError
 */
export function writeContactFile(
  path: string,
  source: ContactSource,
  { exclusive = false }: { exclusive?: boolean | undefined } = {},
): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(contactOf(source), null, 2)}\n`, { mode: 0o600 });
    if (exclusive) linkSync(temporary, path);
    else renameSync(temporary, path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "another scheduler was faster" : message;
    throw new ContactFileError(
      path,
      `Cannot write the contact file ${path}: ${why}. Does its folder exist?`,
      cause,
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}

function contactOf(source: ContactSource): object {
  const { id, address, addresses, httpPort, version, host, jobId, restarts, folder } = source;
  return {
    type: "Scheduler",
    id,
    address,
    addresses,
    services: httpPort === null ? {} : { dashboard: httpPort },
    workers: {},
    versions: { acme: version, node: process.versions.node },
    pid: process.pid,
    host: host ?? hostname(),
    jobId: jobId ?? null,
    restarts: restarts ?? 0,
    cluster: folder ?? null,
  };
}

/**
 * Reads a contact file, also one that dask's scheduler wrote.
 *
 * @throws ContactFileError
 * @example
 * ```ts
 * const { address } = readContactFile("scheduler.json");
 * ```
 */
export function readContactFile(path: string): Contact {
  try {
    return parseContact(readFileSync(path, "utf8"));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ContactFileError(
      path,
      `Cannot find a scheduler through ${path}: ${why}. Is the scheduler running?`,
      cause,
    );
  }
}

/** The text of a contact file. @throws Error in words, or a SyntaxError */
export function parseContact(text: string): Contact {
  const found = JSON.parse(text) as Record<string, unknown> | null;
  const { address, addresses, id, pid, host, services, cluster, jobId, restarts } = found ?? {};
  if (typeof address !== "string") throw new Error("it has no address");
  const port = (services as { dashboard?: unknown } | undefined)?.dashboard;
  return {
    id: typeof id === "string" ? id : "",
    address,
    addresses: Array.isArray(addresses) ? addresses.map(String) : [address],
    pid: typeof pid === "number" ? pid : null,
    host: typeof host === "string" ? host : null,
    jobId: typeof jobId === "string" ? jobId : null,
    restarts: typeof restarts === "number" ? restarts : 0,
    httpPort: typeof port === "number" ? port : null,
    folder: typeof cluster === "string" ? cluster : null,
  };
}

/** Removes the contact file, unless another scheduler has put its own in its place. */
export function removeContactFile(path: string, { id }: Pick<ContactSource, "id">): void {
  try {
    if (readContactFile(path).id === id) rmSync(path, { force: true });
  } catch {
    // Gone already, or no contact file any more: nothing here is ours.
  }
}
