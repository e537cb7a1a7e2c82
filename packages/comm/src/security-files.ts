// Credentials from the three PEM files that dask's commands name. Reads files once, at start.
// What a connection does with them is the business of the transports.
import { readFileSync } from "node:fs";
import { AcmeError } from "@acme/protocol";
import type { Security } from "./types.js";

/** Paths of the credentials of one peer; all or none. Where no key is named, the certificate holds it. */
export interface SecurityFiles {
  readonly tlsCaFile?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

/** The credential files are incomplete or cannot be read. */
export class SecurityFilesError extends AcmeError {
  readonly code = "SECURITY_FILES";
}

/**
 * Reads credentials.
 *
 * @returns undefined if no file is named
 * @throws SecurityFilesError if only some are named, or one cannot be read
 * @example
 * ```ts
 * const security = readSecurity({ tlsCaFile: "ca.pem", tlsCert: "cert.pem", tlsKey: "key.pem" });
 * ```
 */
export function readSecurity(files: SecurityFiles): Security | undefined {
  const { tlsCaFile, tlsCert, tlsKey } = files;
  if (tlsCaFile === undefined && tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCaFile === undefined || tlsCert === undefined) throw incomplete();
  const cert = read(tlsCert);
  // As dask takes it: both may be in one file.
  if (tlsKey === undefined && !/PRIVATE KEY/.test(cert)) throw incomplete();
  const key = tlsKey === undefined ? cert : read(tlsKey);
  return { ca: read(tlsCaFile), cert, key };
}

const incomplete = (): SecurityFilesError =>
  new SecurityFilesError("--tls-ca-file, --tls-cert and --tls-key go together: give all three");

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new SecurityFilesError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
