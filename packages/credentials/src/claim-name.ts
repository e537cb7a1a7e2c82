// Gives a scheduler the directory of its cluster: a new one, or that of a scheduler that is gone.
// Whether one is gone is not guessed from process numbers: whoever holds the name can prove it.
import { existsSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { connect } from "@acme/comm";
import { isAcmeError } from "@acme/protocol";
import type { Certificates } from "./certificates.js";
import { checkCertificates, givenFor, inFolder, validityOf } from "./check-certificates.js";
import {
  type ClusterDirectory,
  createClusterDirectory,
  readClusterDirectory,
  renewClusterDirectory,
} from "./cluster-directory.js";
import type { Contact } from "./contact-file.js";
import { ClusterNameError } from "./errors.js";
import { credentialLimits } from "./limits.js";
import { checkClusterName, folderOf, nameOf } from "./places.js";

/** A batch job, and how often it was started again. */
export interface JobLife {
  readonly id: string;
  readonly restarts: number;
}

export interface ClaimOptions {
  readonly certificates?: Certificates | undefined;
  readonly job?: JobLife | undefined;
}

/**
 * Makes the directory of a cluster, or takes over that of a scheduler that has ended. Certificates
 * that end soon are made anew, the token stays.
 *
 * @param nameOrFolder - a name below the user's clusters, or a path
 * @param options - `certificates` to use instead of such that are made here; `job`: that of the
 *   scheduler which claims it, whose own earlier life is over
 * @throws ClusterNameError if a scheduler that runs has the name, LooseCredentialsError,
 *   ContactFileError
 * @example
 * ```ts
 * const { security, files } = await claimClusterDirectory("analysis");
 * ```
 */
export async function claimClusterDirectory(
  nameOrFolder: string,
  { certificates: given, job }: ClaimOptions = {},
): Promise<ClusterDirectory> {
  const folder = folderOf(nameOrFolder);
  checkClusterName(nameOf(folder));
  // Before anything is replaced by them.
  if (given !== undefined) checkCertificates(given, givenFor(folder), Date.now());
  if (!existsSync(folder)) return createClusterDirectory(folder, { certificates: given });
  const found = readClusterDirectory(folder);
  const contact = found.contact();
  if (contact !== null) {
    if (!isEarlierLife(contact, job)) await assertGone(contact, found);
    rmSync(found.files.contact, { force: true });
  }
  if (given === undefined && isUsable(found)) return found;
  return renewClusterDirectory(folder, given);
}

/** A job runs once at a time: what it announced before it was started again is gone. */
const isEarlierLife = (contact: Contact, job: JobLife | undefined): boolean =>
  job !== undefined && contact.jobId === job.id && contact.restarts < job.restarts;

function isUsable({ security, folder }: ClusterDirectory): boolean {
  const nowMs = Date.now();
  try {
    checkCertificates(security, inFolder(folder), nowMs);
    return validityOf(security, inFolder(folder)).untilMs - nowMs > credentialLimits.renewBeforeMs;
  } catch (error) {
    if (isAcmeError(error, "CREDENTIALS_UNUSABLE")) return false;
    throw error;
  }
}

/** @throws ClusterNameError */
async function assertGone(contact: Contact, directory: ClusterDirectory): Promise<void> {
  const { name, files } = directory;
  const elsewhere = contact.host !== null && contact.host !== hostname();
  const who = `process ${contact.pid ?? "?"}${elsewhere ? ` on ${contact.host}` : ""}`;
  const other = "give this one another name with --name";
  if (elsewhere && contact.addresses.every(isLoopback)) {
    throw new ClusterNameError(
      `The cluster ${name} belongs to a scheduler on another machine (${who}), and from here ` +
        `nobody can see whether it still runs: ${other}, or, if it is gone, rm ${files.contact}`,
    );
  }
  const answers = await Promise.all(
    contact.addresses.map((address) => answersAt(address, directory)),
  );
  if (!answers.includes(true)) return;
  throw new ClusterNameError(
    `The cluster ${name} has a scheduler already, at ${contact.address} (${who}): end that one, ` +
      `or ${other}`,
  );
}

/** Only a scheduler of this cluster can shake hands with its certificates. */
async function answersAt(address: string, { security }: ClusterDirectory): Promise<boolean> {
  const timeoutMs = credentialLimits.holderTimeoutMs;
  const sinceMs = performance.now();
  try {
    const connection = await connect(address, { security, timeoutMs });
    await connection.close({ reason: "only asked whether it runs" });
    return true;
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    // One that is there but too busy to answer still holds its name.
    return performance.now() - sinceMs >= timeoutMs;
  }
}

const isLoopback = (address: string): boolean => /:\/\/(127\.|\[::1\]|localhost:)/.test(address);
