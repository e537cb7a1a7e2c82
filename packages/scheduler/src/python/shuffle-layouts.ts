// Has P2P shuffles laid out by a connected Python worker, and by another one if that dies over it.
// There is one at least: the one whose task asked. Decides nothing about shuffles.
import { isAcmeError } from "@acme/protocol";
import { layoutFields, readLayout } from "@acme/python";
import type { PlannedShuffle, PlanShuffle } from "../core/index.js";
import type { ForeignParts } from "../shell/foreign-graphs.js";
import { unfoldLimits } from "./limits.js";
import { bytesOfRun } from "./run-reply.js";

export async function layOutShuffle(
  { pool, workers, log }: ForeignParts,
  plan: PlanShuffle,
  signal: AbortSignal,
): Promise<PlannedShuffle | { error: string }> {
  const request = { ...layoutFields(plan) };
  const timeoutMs = unfoldLimits.layoutMs;
  const failed = new Set<string>();
  let why = "no Python worker is connected";
  while (failed.size < unfoldLimits.attempts && !signal.aborted) {
    const worker = workers().find(({ address }) => !failed.has(address))?.address;
    if (worker === undefined) break;
    try {
      return readLayout(bytesOfRun(await pool.call(worker, request, { timeoutMs, signal })));
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      failed.add(worker);
      why = error.message;
      const text = `${worker} could not lay out a shuffle: ${why}`;
      log({ level: "warn", event: "layout-failed", text });
    }
  }
  return { error: why };
}
