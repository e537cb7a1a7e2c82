// References sorted by the job that they belong to, so that one command can name many of them.
// Must not know how a system writes them.
import type { JobRef } from "./driver.js";

export interface JobGroup {
  readonly jobId: string;
  /** Null: the job is no array. */
  readonly indices: number[] | null;
}

export function groupRefs(refs: readonly JobRef[]): JobGroup[] {
  const groups = new Map<string, JobGroup>();
  for (const { jobId, index } of refs) {
    const known = groups.get(jobId);
    if (known === undefined) groups.set(jobId, { jobId, indices: index === null ? null : [index] });
    else if (index !== null) known.indices?.push(index);
  }
  return [...groups.values()];
}

/** The elements of a fresh array, or the one job that is none. */
export function refsOf(jobId: string, indices: readonly number[] | null): JobRef[] {
  return indices === null ? [{ jobId, index: null }] : indices.map((index) => ({ jobId, index }));
}
