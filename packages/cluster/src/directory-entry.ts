// Enters a local cluster among the clusters of its user, so that other programs of the same user
// find it by its address. The cluster itself does not need that, so it never waits for the disk.
import { setTimeout as sleep } from "node:timers/promises";
import type { Security } from "@acme/comm";
import type { Certificates, PassingCluster } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import type { SchedulerServer } from "@acme/scheduler/host";
import { clusterLimits } from "./limits.js";

/** What will be written a little later. */
export class DirectoryEntry {
  readonly #removed = new AbortController();
  readonly #written: Promise<PassingCluster | undefined>;

  /** @param security - with all three parts */
  constructor(scheduler: SchedulerServer, security: Security) {
    this.#written = this.#write(scheduler, security as Certificates);
    // A mistake shows when the cluster ends, not as a rejection that nobody handles.
    this.#written.catch(() => {});
  }

  /** Removes it, or keeps it from being written. */
  async remove(): Promise<void> {
    this.#removed.abort();
    (await this.#written)?.remove();
  }

  async #write(
    scheduler: SchedulerServer,
    certificates: Certificates,
  ): Promise<PassingCluster | undefined> {
    const { signal } = this.#removed;
    const timer = { signal, ref: false };
    await sleep(clusterLimits.announceAfterMs, undefined, timer).catch(() => {});
    if (signal.aborted) return undefined;
    const credentials = await import("@acme/credentials");
    return signal.aborted ? undefined : enter(credentials, scheduler, certificates);
  }
}

/** A home that cannot be written is no reason for a local cluster to fail. */
async function enter(
  { createPassingCluster, writeContactFile }: typeof import("@acme/credentials"),
  { id, address, addresses, httpPort, httpToken: token }: SchedulerServer,
  certificates: Certificates,
): Promise<PassingCluster | undefined> {
  const { packageVersion } = await import("./version.js");
  try {
    const directory = createPassingCluster("local", { certificates, token });
    const { files, folder } = directory;
    const source = { id, address, addresses, httpPort, version: packageVersion, folder };
    writeContactFile(files.contact, source);
    return directory;
  } catch (error) {
    if (isAcmeError(error)) return undefined;
    throw error;
  }
}
