// The jobs of this user's clusters in the queue, and whether somebody is still there to whom they
// belong. Changes nothing.
import { listClusters } from "@acme/credentials";
import { type QueuedJobs, queuedJobs } from "@acme/jobqueue";
import { columns, type ListedCluster, lookAtCluster } from "./cluster-list.js";
import { NoQueueError } from "./errors.js";

/** One line of the list. */
export interface ListedJobs extends QueuedJobs {
  /**
   * `gone`: its directory is not there, or nobody answers at its address. `unknown`: its scheduler
   * listens where this machine cannot look.
   */
  readonly owner: "alive" | "gone" | "unknown";
  /** Where the owner is, or what is wrong. */
  readonly note: string;
}

/** @throws NoQueueError, CommandError, BatchOutputError */
export async function listedJobs(): Promise<ListedJobs[]> {
  const jobs = await queuedJobs();
  if (jobs === null) throw new NoQueueError();
  const known = new Set(listClusters());
  const names = [...new Set(jobs.map(({ cluster }) => cluster))];
  const looks = names.filter((name) => known.has(name)).map(lookAtCluster);
  const owners = new Map((await Promise.all(looks)).map((each) => [each.name, each]));
  return jobs.map((job) => ({ ...job, ...ownerOf(owners.get(job.cluster)) }));
}

function ownerOf(cluster: ListedCluster | undefined): Pick<ListedJobs, "owner" | "note"> {
  if (cluster === undefined) return { owner: "gone", note: "" };
  const { state, note } = cluster;
  if (state === "alive") return { owner: "alive", note };
  const isGone = state === "stale" || state === "no scheduler";
  return { owner: isGone ? "gone" : "unknown", note };
}

/** As columns, with a line of titles. */
export function jobsText(jobs: readonly ListedJobs[], nowMs = Date.now()): string {
  const rows = jobs.map(({ name, state, reason, nodes, startMs, cluster, owner, note }) => [
    name,
    reason === "" ? state : `${state} (${reason})`,
    nodes === "" ? "-" : nodes,
    startMs === null ? "-" : timeText(startMs, nowMs),
    cluster,
    note === "" ? owner : `${owner}: ${note}`,
  ]);
  return columns([["JOBS", "STATE", "NODES", "START", "CLUSTER", "OWNER"], ...rows]);
}

/** `14:03:20 (in 5 min)`, with the day if it is another one. */
function timeText(ms: number, nowMs: number): string {
  const [date, time] = localTime(ms);
  const today = localTime(nowMs)[0];
  const seconds = Math.round(Math.abs(ms - nowMs) / 1_000);
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(minutes / 60);
  const span = seconds < 90 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${hours} h`;
  const distance = ms > nowMs ? `in ${span}` : `${span} ago`;
  return `${date === today ? "" : `${date} `}${time} (${distance})`;
}

function localTime(ms: number): [date: string, time: string] {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString();
  return [at.slice(0, 10), at.slice(11, 19)];
}
