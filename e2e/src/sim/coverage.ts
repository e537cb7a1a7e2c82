// Which edges of the exported transition tables were taken, and how often.
// Counts only; whether an edge that nobody took is a fault is for the reader of the report to say.
import type { WorkerState } from "@acme/worker/core";

/** Times per edge, written `from>to`. */
export type EdgeCounts = Map<string, number>;

export interface Coverage {
  scheduler: EdgeCounts;
  worker: EdgeCounts;
}

export const newCoverage = (): Coverage => ({ scheduler: new Map(), worker: new Map() });

export function addCounts(to: EdgeCounts, from: Iterable<readonly [string, number]>): void {
  for (const [edge, count] of from) to.set(edge, (to.get(edge) ?? 0) + count);
}

/** Reads what the story of a worker has gained; returns how far it was read. */
export function countEdges(
  counts: EdgeCounts,
  story: WorkerState["story"],
  readSoFar: number,
): number {
  for (let i = Math.max(readSoFar, story.written - story.size); i < story.written; i++) {
    const { from, to } = story.entries[i % story.size] as (typeof story.entries)[number];
    const edge = `${from}>${to}`;
    counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  return story.written;
}

/** The edges of a table, written `from>to`. */
export function edgesOf(table: Readonly<Record<string, Iterable<string>>>): string[] {
  return Object.entries(table).flatMap(([from, targets]) =>
    Array.from(targets, (to) => `${from}>${to}`),
  );
}
