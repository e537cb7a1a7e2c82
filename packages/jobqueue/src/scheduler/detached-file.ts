// What a cluster leaves behind for the process that takes it over: one file in the cluster's
// directory. Whoever renames it has the cluster; nobody else can then.
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobQueueOptions } from "../cluster-options.js";
import type { BatchSystem, JobRef } from "../drivers/driver.js";
import { DetachError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";

/** Where a detached cluster is; plain data, as JSON too. */
export interface ClusterContact {
  readonly system: BatchSystem;
  /** For `Client.connect({ name })` and `acme status`. */
  readonly name: string;
  /** Its directory, with credentials and contact file. */
  readonly folder: string;
  /** Where clients connect. */
  readonly address: string;
  /** What marks its jobs in the queue. */
  readonly tag: string;
}

export interface SavedCluster {
  readonly format: 1;
  readonly contact: ClusterContact;
  readonly place: "job" | "elsewhere";
  readonly scheduler: JobRef | null;
  readonly isPlain: boolean;
  readonly job: ResolvedJob;
  readonly script: string;
  readonly ownLogs: string | null;
  readonly options: Pick<JobQueueOptions, "startTimeoutMs" | "drainTimeoutMs" | "logLevel">;
  readonly wantedJobs: number;
  readonly refs: readonly JobRef[];
}

const prefix = "detached-";

export const markerOf = ({ folder, tag }: ClusterContact): string =>
  join(folder, `${prefix}${tag.replaceAll(/[^\w.-]/g, "_")}.json`);

/** Nobody sees half of it. */
export function leaveCluster(saved: SavedCluster): string {
  const marker = markerOf(saved.contact);
  const fresh = `${marker}.${process.pid}.tmp`;
  writeFileSync(fresh, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, marker);
  return marker;
}

/** The one cluster that was left in a directory. @throws DetachError */
export function markerIn(folder: string): string {
  const names = namesIn(folder).filter((name) => name.startsWith(prefix) && name.endsWith(".json"));
  if (names.length === 1) return join(folder, names[0] as string);
  const what = names.length === 0 ? "no detached cluster" : `${names.length} detached clusters`;
  throw new DetachError(`There is ${what} in ${folder}: give what detach() returned`);
}

/** The batch system of a cluster that was left. */
export function systemAt(marker: string): BatchSystem {
  return (JSON.parse(readFileSync(marker, "utf8")) as SavedCluster).contact.system;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new DetachError(`There is no cluster in ${folder}`, { cause });
  }
}

export interface TakenCluster {
  readonly saved: SavedCluster;
  /** Puts it back, for the next one. */
  putBack(): void;
  /** It is ours for good. */
  keep(): void;
}

/** @throws DetachError if somebody else has it, or it was never left */
export function takeCluster(marker: string): TakenCluster {
  const mine = `${marker}.${randomUUID()}.taken`;
  try {
    renameSync(marker, mine);
  } catch (cause) {
    throw new DetachError(
      `No detached cluster is left at ${marker}: it has been attached to, or closed`,
      { cause },
    );
  }
  const saved = JSON.parse(readFileSync(mine, "utf8")) as SavedCluster;
  const putBack = () => renameSync(mine, marker);
  if (saved.format === 1) return { saved, putBack, keep: () => rmSync(mine, { force: true }) };
  putBack();
  throw new DetachError(`${marker} was written by another version of acme: attach with that one`);
}
