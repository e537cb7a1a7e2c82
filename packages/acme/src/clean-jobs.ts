// Cancels what nobody will use: jobs whose cluster is gone, or all of one cluster. Says before what it
// would do, and after what it did; asks unless told not to.
import { createInterface } from "node:readline/promises";
import { cancelJobs } from "@acme/jobqueue";
import { UsageError } from "./errors.js";
import { jobsText, type ListedJobs, listedJobs } from "./job-list.js";

export interface CleanOptions {
  /** All of this one; default: those of clusters that are gone. */
  readonly cluster: string | undefined;
  /** Do not ask. */
  readonly isSure: boolean;
  readonly tell: (text: string) => void;
}

/**
 * @returns whether nothing is left to do
 * @throws UsageError for a cluster without jobs; NoQueueError, CommandError, BatchOutputError
 */
export async function cleanJobs({ cluster, isSure, tell }: CleanOptions): Promise<boolean> {
  const all = await listedJobs();
  const chosen = all.filter((job) =>
    cluster === undefined ? job.owner === "gone" : job.cluster === cluster,
  );
  if (chosen.length === 0) {
    if (cluster !== undefined) throw new UsageError(noJobs(cluster, all));
    const others = all.length > 0 ? ` ${countText(all)} of clusters that may be alive stay.` : "";
    tell(`No jobs of clusters that are gone.${others}\n`);
    return true;
  }
  tell(jobsText(chosen));
  if (!isSure && !(await isWanted(chosen, tell))) return false;
  await cancelJobs(chosen);
  for (const { name, cluster: owner } of chosen) tell(`cancelled ${name} of ${owner}\n`);
  return true;
}

function noJobs(cluster: string, all: readonly ListedJobs[]): string {
  const names = [...new Set(all.map((job) => job.cluster))].join(", ");
  const there = names === "" ? "no cluster has any" : `those that have some: ${names}`;
  return `The cluster ${cluster} has no jobs in the queue; ${there}`;
}

async function isWanted(
  jobs: readonly ListedJobs[],
  tell: (text: string) => void,
): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    tell("Nothing was cancelled: there is nobody to ask. With --yes it does not ask.\n");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Cancel ${countText(jobs)}, [y]es or [n]o? [n] `);
    if (/^y/i.test(answer.trim())) return true;
  } finally {
    terminal.close();
  }
  tell("Nothing was cancelled.\n");
  return false;
}

function countText(jobs: readonly ListedJobs[]): string {
  const count = jobs.reduce((sum, { refs }) => sum + refs.length, 0);
  return `${count} job${count === 1 ? "" : "s"}`;
}
