// Files that only their owner may read: written so, and refused when they are looser, as ssh does
// with its keys. What is in them is others' business.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { ClusterNotFoundError, LooseCredentialsError } from "./errors.js";
import { credentialLimits } from "./limits.js";

const forOthers = 0o077;

/** Makes a folder for its owner alone, and those above it. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Writes a file that must not exist yet, for its owner alone. */
export function writePrivateFile(path: string, text: string): void {
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
}

/** @throws ClusterNotFoundError, LooseCredentialsError */
export function checkPrivateFolder(path: string): void {
  let found: Stats;
  try {
    found = lstatSync(path);
  } catch (cause) {
    throw new ClusterNotFoundError(path, `There is no cluster directory ${path}`, cause);
  }
  if (found.isSymbolicLink()) throw linked(path);
  if (!found.isDirectory()) {
    throw new LooseCredentialsError(path, `${path} is no directory: name a cluster's directory`);
  }
  checkOwner(path, found);
  if ((found.mode & forOthers) !== 0) throw loose(path, found, "700");
}

/** @throws ClusterNotFoundError, LooseCredentialsError */
export function readPrivateFile(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ELOOP") throw linked(path);
    throw new ClusterNotFoundError(path, `Cannot read ${path}: ${(cause as Error).message}`, cause);
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new LooseCredentialsError(path, `${path} is no plain file`);
    checkOwner(path, found);
    if ((found.mode & forOthers) !== 0) throw loose(path, found, "600");
    return readAll(path, file);
  } finally {
    closeSync(file);
  }
}

function readAll(path: string, file: number): string {
  const bytes = Buffer.alloc(credentialLimits.fileBytes + 1);
  const length = readSync(file, bytes);
  if (length <= credentialLimits.fileBytes) return bytes.toString("utf8", 0, length);
  throw new LooseCredentialsError(path, `${path} is too long to be a cluster's file`);
}

function checkOwner(path: string, { uid }: Stats): void {
  const own = process.getuid?.();
  if (own === undefined || uid === own) return;
  throw new LooseCredentialsError(
    path,
    `${path} belongs to user ${uid}, not to you (user ${own}), so it is not used: ` +
      "start a cluster of your own with acme-scheduler --name NAME",
  );
}

function loose(path: string, { mode }: Stats, wanted: string): LooseCredentialsError {
  const found = (mode & 0o777).toString(8).padStart(3, "0");
  return new LooseCredentialsError(
    path,
    `Others may use ${path} (mode ${found}), so it is not trusted. If nobody did: ` +
      `chmod ${wanted} ${shellWord(path)}`,
  );
}

function linked(path: string): LooseCredentialsError {
  return new LooseCredentialsError(
    path,
    `${path} is a symbolic link, which is not followed: name what it points to`,
  );
}

const shellWord = (text: string): string =>
  /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
