// A scheduler that somebody else started: found by its address or its cluster, watched, and left
// alone in the end.
import { existsSync, statSync } from "node:fs";
import { type Access, accessByAddress, accessByFile, accessByName } from "@acme/credentials";
import { SchedulerAwayError } from "../errors.js";
import type { HeldScheduler } from "./held-scheduler.js";
import { SchedulerWatch } from "./scheduler-watch.js";

export type Elsewhere = { readonly address: string } | { readonly contact: string };

/** @throws NoCredentialsError, ContactFileError, and what is wrong with credentials that are there */
export function accessTo(place: Elsewhere): Access {
  if ("address" in place) return accessByAddress(place.address);
  const { contact } = place;
  const isFile = existsSync(contact) && statSync(contact).isFile();
  return isFile ? accessByFile(contact) : accessByName(contact);
}

/** @throws SchedulerAwayError */
export async function schedulerElsewhere({ address, security }: Access): Promise<HeldScheduler> {
  const watch = new SchedulerWatch(address, security);
  if (!(await watch.answers())) {
    await watch.stop();
    throw new SchedulerAwayError(
      `No scheduler answers at ${address}: is it running, and can this machine reach it?`,
    );
  }
  watch.start();
  const release = () => watch.stop();
  const { ended } = watch;
  return { place: "elsewhere", address, httpPort: null, ref: null, ended, close: release, release };
}
