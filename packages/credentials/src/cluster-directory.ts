// The directory of one cluster: its credentials and its contact file, for its owner alone. Makes
// and opens such directories; whether a scheduler runs is asked elsewhere.
import { randomBytes } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Certificates,
  makeCertificates,
  type Validity,
  validityFrom,
} from "./certificates.js";
import { checkCertificates, inFolder } from "./check-certificates.js";
import { type Contact, parseContact } from "./contact-file.js";
import { ClusterNameError, ContactFileError, CredentialsError } from "./errors.js";
import { credentialLimits } from "./limits.js";
import { checkClusterName, fileNames, folderOf, nameOf } from "./places.js";
import {
  checkPrivateFolder,
  makePrivateFolder,
  readPrivateFile,
  writePrivateFile,
} from "./private-files.js";

/** Credentials of a cluster, read from its directory. */
export interface ClusterDirectory {
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  /** For connections and listeners of every role. */
  readonly security: Certificates;
  /** For HTTP; 256 random bits as text. */
  readonly token: string;
  /** Where each thing lies, for programs that want paths. */
  readonly files: ClusterFiles;
  /** What its scheduler tells about itself; null while there is none. @throws ContactFileError */
  contact(): Contact | null;
}

/** Absolute paths of the files of a cluster directory. */
export type ClusterFiles = { readonly [K in keyof typeof fileNames]: string };

export interface CreateOptions {
  readonly certificates?: Certificates | undefined;
  /** Of certificates made here; default: since an hour ago, for a year. */
  readonly validity?: Validity | undefined;
  /** Default: a random one. */
  readonly token?: string | undefined;
}

/**
 * Makes the directory of a new cluster. Nobody sees it before it is complete.
 *
 * @param nameOrFolder - a name below the user's clusters, or a path
 * @throws ClusterNameError if there is one already, or the name makes no sense
 * @example
 * ```ts
 * const { security, token } = createClusterDirectory("analysis");
 * ```
 */
export function createClusterDirectory(
  nameOrFolder: string,
  options: CreateOptions = {},
): ClusterDirectory {
  const folder = folderOf(nameOrFolder);
  checkClusterName(nameOf(folder));
  if (existsSync(folder)) throw taken(folder);
  const fresh = writeFresh(folder, options);
  try {
    renameSync(fresh, folder);
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") throw taken(folder);
    throw cause;
  }
  return openClusterDirectory(folder);
}

/** Puts other certificates in place of old ones, new ones if none are given; the token stays. */
export function renewClusterDirectory(
  folder: string,
  certificates?: Certificates | undefined,
): ClusterDirectory {
  checkPrivateFolder(folder);
  const token = readPrivateFile(join(folder, fileNames.token)).trim();
  const fresh = writeFresh(folder, { token, certificates });
  const old = `${fresh}-old`;
  renameSync(folder, old);
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
  return openClusterDirectory(folder);
}

/**
 * Opens the directory of a cluster and checks that nobody else can have used it.
 *
 * @param nameOrFolder - a name below the user's clusters, or a path
 * @throws ClusterNotFoundError, LooseCredentialsError with the command that mends it,
 *   CredentialsError if the certificates are not valid now, ClusterNameError
 * @example
 * ```ts
 * const { security, contact } = openClusterDirectory("analysis");
 * ```
 */
export function openClusterDirectory(nameOrFolder: string): ClusterDirectory {
  const folder = folderOf(nameOrFolder);
  const directory = readClusterDirectory(folder);
  checkCertificates(directory.security, inFolder(folder), Date.now());
  return directory;
}

/** The same, whatever its certificates say. */
export function readClusterDirectory(folder: string): ClusterDirectory {
  checkPrivateFolder(folder);
  const files = filesIn(folder);
  const { ca, cert, key, token, contact } = files;
  return {
    name: nameOf(folder),
    folder,
    security: { ca: readPrivateFile(ca), cert: readPrivateFile(cert), key: readPrivateFile(key) },
    token: readPrivateFile(token).trim(),
    files,
    contact: () => readContact(contact),
  };
}

function filesIn(folder: string): ClusterFiles {
  const paths = Object.entries(fileNames).map(([what, name]) => [what, join(folder, name)]);
  return Object.fromEntries(paths) as ClusterFiles;
}

function readContact(path: string): Contact | null {
  if (!existsSync(path)) return null;
  const text = readPrivateFile(path);
  try {
    return parseContact(text);
  } catch (cause) {
    const why = `${path} is no contact file: ${(cause as Error).message}`;
    throw new ContactFileError(path, why, cause);
  }
}

/** A complete directory beside the place where it belongs. */
function writeFresh(folder: string, options: CreateOptions): string {
  const { validity = validityFrom(Date.now()), token = newToken() } = options;
  const certificates = options.certificates ?? makeCertificates(nameOf(folder), validity);
  const fresh = join(dirname(folder), `.${nameOf(folder)}-${randomBytes(4).toString("hex")}`);
  const { ca, cert, key, token: tokenFile } = filesIn(fresh);
  try {
    makePrivateFolder(fresh);
    writePrivateFile(ca, certificates.ca);
    writePrivateFile(cert, certificates.cert);
    writePrivateFile(key, certificates.key);
    writePrivateFile(tokenFile, `${token}\n`);
    return fresh;
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    throw new CredentialsError(
      folder,
      `Cannot make the cluster directory ${folder}: ${(cause as Error).message}. Set ACME_HOME to ` +
        "a folder that you may write",
      cause,
    );
  }
}

const newToken = (): string => randomBytes(credentialLimits.tokenBytes).toString("base64url");

function taken(folder: string): ClusterNameError {
  return new ClusterNameError(
    `There is a cluster directory ${folder} already: choose another name`,
  );
}
