// All clusters of this user, and which of them have a scheduler that answers. Changes nothing:
// what a killed scheduler left is told about, not removed.
import { listClusters } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { answers, elsewhere, openRunningCluster, type RunningCluster } from "./running-cluster.js";

/** One line of the list. */
export interface ListedCluster {
  name: string;
  /** `stale`: its contact file is there, but nobody answers. */
  state: "alive" | "stale" | "no scheduler" | "elsewhere" | "unusable";
  address: string | null;
  /** What is wrong, or where it is. */
  note: string;
}

export function listedClusters(): Promise<ListedCluster[]> {
  return Promise.all(listClusters().map(lookAtCluster));
}

/** @param name - of a cluster that has a directory */
export async function lookAtCluster(name: string): Promise<ListedCluster> {
  let cluster: RunningCluster;
  try {
    cluster = openRunningCluster(name);
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    const state = error.code === "NO_SCHEDULER" ? "no scheduler" : "unusable";
    return { name, state, address: null, note: state === "unusable" ? error.message : "" };
  }
  const { address, pid } = cluster.contact;
  const host = elsewhere(cluster.contact);
  if (host !== null) return { name, state: "elsewhere", address, note: `on ${host}` };
  if (await answers(cluster)) return { name, state: "alive", address, note: `process ${pid}` };
  return { name, state: "stale", address, note: `process ${pid} does not answer` };
}

/** As columns. */
export const listText = (clusters: readonly ListedCluster[]): string =>
  columns(clusters.map(({ name, state, address, note }) => [name, state, address ?? "-", note]));

/** One line per row, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}
