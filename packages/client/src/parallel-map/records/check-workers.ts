// Asks workers, before the first call, whether they can write results where the run wants them:
// a folder in /tmp exists on every node, and is another one on each.
import type { Client } from "../../client.js";
import { FolderNotSharedError } from "./record-errors.js";
import { recordLimits } from "./record-limits.js";
import { type FolderSign, type FolderView, viewFolder } from "./view-folder.js";

/**
 * Asks the workers, all or one on each host. One that is too busy to answer in time is believed:
 * its calls would say the same.
 *
 * @throws FolderNotSharedError naming the hosts
 */
export async function checkWorkersSee(client: Client, sign: FolderSign): Promise<void> {
  const { workers } = await client.schedulerInfo();
  const asked = oneEach(Object.entries(workers));
  const futures = asked.map((address) => {
    return client.submit(viewFolder, [sign], {
      workers: [address],
      priority: 1_000,
      key: `folder-${sign.runId}-${address}-${process.hrtime.bigint()}`,
    });
  });
  try {
    const waiting = futures.map((future) => answer(future.result()));
    const views = (await Promise.all(waiting)).filter((view) => view?.problem !== undefined);
    if (views.length === 0) return;
    const hosts = [...new Set(views.map((view) => view?.host ?? ""))].sort();
    throw new FolderNotSharedError(sign.payload, hosts, views[0]?.problem ?? "");
  } finally {
    for (const future of futures) future.release();
  }
}

function oneEach(workers: readonly (readonly [string, Readonly<Record<string, unknown>>])[]) {
  if (workers.length <= recordLimits.workersAsked) return workers.map(([address]) => address);
  const byHost = new Map(workers.map(([address, { host }]) => [String(host), address]));
  return [...byHost.values()];
}

async function answer(future: PromiseLike<FolderView>): Promise<FolderView | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), recordLimits.visibleMs);
  });
  try {
    return await Promise.race([future, late]);
  } catch {
    // A worker that was lost meanwhile is no reason not to begin.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
