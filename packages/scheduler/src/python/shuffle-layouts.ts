// Has a P2P shuffle laid out by a connected Python worker, which the core has chosen. Knows no
// shuffle, and decides nothing about them.
import { layoutFields, readLayout } from "@acme/python";
import type { PlannedShuffle, PlanShuffle } from "../core/index.js";
import type { ForeignParts } from "../shell/foreign-graphs.js";
import { unfoldLimits } from "./limits.js";
import { bytesOfRun } from "./run-reply.js";

export async function layOutShuffle(
  { pool }: ForeignParts,
  plan: PlanShuffle,
  { at, signal }: { at: string; signal: AbortSignal },
): Promise<PlannedShuffle | { error: string }> {
  const request = { ...layoutFields(plan) };
  const timeoutMs = unfoldLimits.layoutMs;
  return readLayout(bytesOfRun(await pool.call(at, request, { timeoutMs, signal })));
}
