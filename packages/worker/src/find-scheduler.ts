// From the command line to a scheduler and the credentials for it. What is not there yet (a contact
// file, a cluster, an address that nobody has announced) is waited for, because batch systems may
// start workers before their scheduler. Connects to nobody.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Security } from "@acme/comm";
import {
  accessByAddress,
  accessByFile,
  accessByName,
  openClusterDirectory,
} from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { UsageError } from "./cli-flags.js";
import { shellLimits } from "./shell/limits.js";
import { SchedulerLostError } from "./shell/scheduler-link.js";

export interface SchedulerFlags {
  address: string | undefined;
  schedulerFile: string | undefined;
  /** Name or folder of a cluster. */
  cluster: string | undefined;
  /** Certificates of the command line; they win. */
  security: Security | undefined;
  /** For addresses without a scheme; undefined: that of the cluster which has the address. */
  protocol: string | undefined;
  deathTimeoutMs: number | null;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** A scheduler and what it takes to get in. */
export interface FoundScheduler {
  readonly address: string;
  readonly security: Security | undefined;
}

/** Looks once; a text says what is not there yet. */
type Look = () => FoundScheduler | string | Promise<FoundScheduler | string>;

/**
 * @throws UsageError, SchedulerLostError after the death timeout, AbortError, and what is wrong
 *   with credentials that are there
 */
export function findScheduler(flags: SchedulerFlags): Promise<FoundScheduler> {
  return untilFound(lookFor(flags), flags);
}

function lookFor(flags: SchedulerFlags): Look {
  const { schedulerFile, cluster } = flags;
  if (flags.address !== undefined) return lookForAddress(flags.address, flags);
  if (cluster !== undefined) return () => orMissing(() => accessByName(cluster));
  if (schedulerFile !== undefined) return () => lookInFile(schedulerFile, flags.security);
  throw new UsageError("Give --cluster NAME, the address of a scheduler, or --scheduler-file");
}

function lookForAddress(text: string, flags: SchedulerFlags): Look {
  const { cluster, security, protocol } = flags;
  const scheme = protocol ?? (security === undefined ? undefined : "tls");
  const address = text.includes("://") || scheme === undefined ? text : `${scheme}://${text}`;
  if (security !== undefined) return () => ({ address, security });
  if (cluster === undefined) return () => orMissing(() => accessByAddress(address));
  const full = address.includes("://") ? address : `tls://${address}`;
  return () =>
    orMissing(() => ({ address: full, security: openClusterDirectory(cluster).security }));
}

async function lookInFile(
  path: string,
  security: Security | undefined,
): Promise<FoundScheduler | string> {
  const address = await addressIn(path);
  if (address === null) return `No contact file at ${path}`;
  return security === undefined ? orMissing(() => accessByFile(path)) : { address, security };
}

/** What a scheduler that starts later would bring. */
function orMissing(find: () => FoundScheduler): FoundScheduler | string {
  try {
    return find();
  } catch (error) {
    const mayCome =
      isAcmeError(error, "CLUSTER_NOT_FOUND") ||
      isAcmeError(error, "CONTACT_FILE") ||
      isAcmeError(error, "NO_CREDENTIALS");
    if (mayCome) return error.message;
    throw error;
  }
}

async function untilFound(look: Look, flags: SchedulerFlags): Promise<FoundScheduler> {
  const { deathTimeoutMs, signal, say } = flags;
  const startedMs = performance.now();
  for (let looks = 0; ; looks++) {
    const found = await look();
    if (typeof found !== "string") return found;
    if (looks === 0) say(`waiting for a scheduler: ${found}`);
    if (performance.now() - startedMs >= (deathTimeoutMs ?? Number.POSITIVE_INFINITY)) {
      throw new SchedulerLostError(`${found}. Is the scheduler running?`);
    }
    await sleep(shellLimits.contactFilePollMs, undefined, { signal });
  }
}

/** Null while there is none; a file that is something else will not become one. */
async function addressIn(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new UsageError(`--scheduler-file: ${(error as Error).message}`, { cause: error });
  }
  // dask's scheduler writes in place, so a reader may come too early.
  if (text.trim() === "") return null;
  try {
    const { address } = JSON.parse(text) as { address?: unknown };
    if (typeof address === "string") return address;
  } catch (cause) {
    throw new UsageError(`--scheduler-file: ${path} is no JSON; is it a scheduler's file?`, {
      cause,
    });
  }
  throw new UsageError(`--scheduler-file: ${path} names no address; is it a scheduler's file?`);
}
