// A scheduler in a thread of this process, announced in the cluster's directory.
// Must not know how workers are started.
import { writeContactFile } from "@acme/credentials";
import { hostScheduler } from "@acme/scheduler/host";
import type { JobQueueOptions } from "../cluster-options.js";
import { packageVersion } from "../version.js";
import type { OwnDirectory } from "./cluster-folder.js";
import type { HeldScheduler } from "./held-scheduler.js";

/** @throws SchedulerStartError, ContactFileError */
export async function schedulerInProcess(
  host: string,
  { schedulerPort = 0, logLevel = "warn", security: asked }: JobQueueOptions,
  { security, files, folder, token }: OwnDirectory,
): Promise<HeldScheduler> {
  const isPlain = asked === false;
  const place = `${host.includes(":") ? `[${host}]` : host}:${schedulerPort}`;
  const scheduler = await hostScheduler({
    listen: [`${isPlain ? "tcp" : "tls"}://${place}`],
    security: isPlain ? undefined : security,
    httpAddress: "127.0.0.1:0",
    httpToken: token,
    logLevel,
  });
  const { id, address, addresses, httpPort, ended } = scheduler;
  const source = { id, address, addresses, httpPort, version: packageVersion, folder };
  try {
    // How workers find it.
    writeContactFile(files.contact, source);
  } catch (error) {
    await scheduler.close("the cluster of jobs could not start");
    throw error;
  }
  const close = (reason?: string) => scheduler.close(reason);
  return { place: "process", address, httpPort, ref: null, ended, close, release: close };
}
