// The jobs of all clusters of this user that are in a queue, found by what marks them there, whoever
// started them. Knows nothing of clusters that run in this process.
import type { BatchSystem, JobRef, JobStatus } from "./drivers/driver.js";
import { drivers } from "./drivers/drivers.js";
import { formatRanges } from "./drivers/index-ranges.js";
import { CommandError } from "./errors.js";
import { Commands } from "./shell/commands.js";

/** Jobs of one cluster that are in the same state, for the same reason, at the same place. */
export interface QueuedJobs {
  readonly system: BatchSystem;
  /** The cluster that they belong to, as `acme list` names it. */
  readonly cluster: string;
  /** As the batch system writes them: `12_[0-3]`. */
  readonly name: string;
  readonly refs: readonly JobRef[];
  /** The batch system's own word. */
  readonly state: string;
  /** Why they wait; empty if that is not said. */
  readonly reason: string;
  /** Empty while they have none. */
  readonly nodes: string;
  /** When they started, or are expected to; null: nobody knows. */
  readonly startMs: number | null;
}

/** Systems that keep a comment with a job, which is how jobs are told from those of others. */
const marked = ["slurm"] as const satisfies readonly BatchSystem[];

const tagPattern = /^acme:(.+)$/;

/**
 * All jobs of this user's clusters that are not over.
 *
 * @returns null: no batch system that can tell is on this machine. PBS and Grid Engine cannot
 * @throws CommandError, BatchOutputError
 * @example
 * ```ts
 * const pending = (await queuedJobs())?.filter(({ state }) => state === "PENDING");
 * ```
 */
export async function queuedJobs(): Promise<QueuedJobs[] | null> {
  const commands = new Commands();
  const found = await Promise.all(marked.map((system) => askSystem(system, commands)));
  const there = found.filter((jobs) => jobs !== null);
  return there.length === 0 ? null : there.flat();
}

/**
 * Cancels jobs by as few commands as the batch system allows.
 *
 * @throws CommandError
 */
export async function cancelJobs(jobs: readonly QueuedJobs[]): Promise<void> {
  const commands = new Commands();
  for (const system of marked) {
    const refs = jobs.filter((each) => each.system === system).flatMap((each) => each.refs);
    for (const command of drivers[system].cancel(refs)) await commands.run(command);
  }
}

async function askSystem(system: BatchSystem, commands: Commands): Promise<QueuedJobs[] | null> {
  const driver = drivers[system];
  // As JSON it would name the jobs of all users.
  const command = driver.pollFallback([]) ?? driver.poll([]);
  try {
    return groupJobs(system, driver.parsePollFallback(await commands.run(command)));
  } catch (error) {
    if (error instanceof CommandError && error.isMissing) return null;
    throw error;
  }
}

/** Elements of one array that are alike, in one line. */
export function groupJobs(system: BatchSystem, statuses: readonly JobStatus[]): QueuedJobs[] {
  const groups = new Map<string, JobStatus[]>();
  for (const status of statuses) {
    const { ref, word, reason, nodes, startMs, comment, state } = status;
    if (state === "ended" || !tagPattern.test(comment)) continue;
    const key = JSON.stringify([ref.jobId, word, reason, nodes, startMs, comment]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [status]);
    else group.push(status);
  }
  return [...groups.values()].map((group) => groupOf(system, group));
}

function groupOf(system: BatchSystem, group: readonly JobStatus[]): QueuedJobs {
  const { comment, word: state, reason, nodes, startMs } = group[0] as JobStatus;
  const refs = group.map(({ ref }) => ref);
  const cluster = tagPattern.exec(comment)?.[1] as string;
  return { system, cluster, name: nameOf(refs), refs, state, reason, nodes, startMs };
}

function nameOf(refs: readonly JobRef[]): string {
  const { jobId } = refs[0] as JobRef;
  const indices = refs.flatMap(({ index }) => index ?? []);
  const ranges = formatRanges(indices);
  return indices.length === 0 ? jobId : `${jobId}_${indices.length === 1 ? ranges : `[${ranges}]`}`;
}
