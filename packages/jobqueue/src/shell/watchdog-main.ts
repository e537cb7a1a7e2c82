// The program that outlives a client: waits until the client is gone, then cancels what it left in
// the queue, until nothing is left. Started by path.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { slotName } from "../core/index.js";
import type { BatchDriver, JobRef } from "../drivers/driver.js";
import { drivers } from "../drivers/drivers.js";
import { Commands } from "./commands.js";
import { guardDetached } from "./guard-detached.js";
import { shellLimits } from "./limits.js";
import { localDriver } from "./local-driver.js";
import { QueuePoll } from "./queue-poll.js";
import type { DetachedCluster, WatchdogLine } from "./watchdog.js";

class Legacy {
  driver: BatchDriver | undefined;
  tag = "";
  readonly refs = new Map<string, JobRef>();
  underWay = 0;
  isOver = false;
  folder: string | null = null;
  detached: DetachedCluster | null = null;

  hear(line: WatchdogLine): void {
    switch (line.type) {
      case "hello":
        this.driver = drivers[line.system];
        this.tag = line.tag;
        this.folder = line.folder;
        return;
      case "submitting":
        this.underWay += 1;
        return;
      case "submitted":
        this.underWay -= 1;
        for (const ref of line.refs) this.refs.set(slotName(ref), ref);
        return;
      case "detached":
        this.detached = line;
        return;
      case "over":
        this.isOver = true;
    }
  }
}

/** Cancels at once, then looks again until the queue knows nothing of ours any more. */
async function clearQueue(known: BatchDriver, legacy: Legacy): Promise<void> {
  const commands = new Commands();
  const driver = await localDriver(known, commands);
  const poll = new QueuePoll(driver, commands);
  const startedMs = performance.now();
  const since = (): number => performance.now() - startedMs;
  await cancel([...legacy.refs.values()], driver, commands);
  while (since() < shellLimits.watchdogGiveUpMs) {
    const left = await alive(poll, legacy).catch(() => null);
    if (left !== null && left.length > 0) await cancel(left, driver, commands);
    const mayCome = legacy.underWay > 0 && since() < shellLimits.watchdogLateMs;
    if (left !== null && left.length === 0 && !mayCome) return;
    await sleep(shellLimits.watchdogPollMs);
  }
}

async function alive(poll: QueuePoll, { tag, refs }: Legacy): Promise<JobRef[]> {
  const statuses = await poll.ask([...refs.values()]);
  const ours = statuses.filter(({ ref, comment }) => comment === tag || refs.has(slotName(ref)));
  return ours.filter(({ state }) => state !== "ended").map(({ ref }) => ref);
}

/** Whether it worked is seen in the queue. */
async function cancel(refs: JobRef[], driver: BatchDriver, commands: Commands): Promise<void> {
  for (const command of driver.cancel(refs)) await commands.run(command).catch(() => {});
}

const legacy = new Legacy();
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {});
for await (const line of createInterface({ input: process.stdin })) {
  try {
    legacy.hear(JSON.parse(line) as WatchdogLine);
  } catch {
    // The client died in the middle of a line.
  }
}
const { driver, isOver, detached, folder } = legacy;
if (driver !== undefined && !isOver) {
  const isOrphan = detached === null || (await guardDetached(driver, detached)) === "orphaned";
  if (isOrphan) {
    await clearQueue(driver, legacy);
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}
