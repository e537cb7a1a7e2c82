// Watches over a cluster that goes on without its client: until somebody takes over, or until its
// scheduler is gone for good, which makes orphans of its jobs.
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAddress } from "@acme/comm";
import { slotName } from "../core/index.js";
import type { BatchDriver, JobRef } from "../drivers/driver.js";
import { Commands } from "./commands.js";
import { shellLimits } from "./limits.js";
import { QueuePoll } from "./queue-poll.js";
import type { DetachedCluster } from "./watchdog.js";

export async function guardDetached(
  driver: BatchDriver,
  { marker, directory, scheduler }: DetachedCluster,
): Promise<"taken" | "orphaned"> {
  const poll = new QueuePoll(driver, new Commands());
  let reachedMs = performance.now();
  while (existsSync(marker)) {
    const address = addressIn(directory);
    const { watchdogOrphanMs, watchdogGoneMs } = shellLimits;
    // A scheduler that ends in good order takes its contact file along.
    const allowedMs = address === null ? watchdogGoneMs : watchdogOrphanMs;
    if (address !== null && (await isReachable(address))) reachedMs = performance.now();
    else if (performance.now() - reachedMs >= allowedMs) {
      if (scheduler === null || (await isOver(poll, scheduler))) return "orphaned";
      // It waits to be started again, or only its network is gone.
      reachedMs = performance.now();
    }
    await sleep(shellLimits.watchdogGuardMs);
  }
  return "taken";
}

function addressIn(directory: string): string | null {
  try {
    const text = readFileSync(join(directory, "scheduler.json"), "utf8");
    return (JSON.parse(text) as { address: string }).address;
  } catch {
    return null;
  }
}

async function isReachable(address: string): Promise<boolean> {
  const { host, port } = parseAddress(address);
  const socket = connect({ host, port, timeout: shellLimits.watchdogReachMs });
  return new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("timeout", () => resolve(false));
    socket.on("error", () => resolve(false));
  }).finally(() => socket.destroy());
}

async function isOver(poll: QueuePoll, ref: JobRef): Promise<boolean> {
  const statuses = await poll.ask([ref]).catch(() => null);
  if (statuses === null) return false;
  const name = slotName(ref);
  const status = statuses.find((each) => slotName(each.ref) === name);
  return status === undefined || status.state === "ended";
}
