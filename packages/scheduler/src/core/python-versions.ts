// What Python peers run, compared as dask compares it: packages that differ are told in a table. The
// scheduler has none of these packages; where dask names its scheduler's, ours names those of the
// peers that unfold graphs for it. Corresponds to dask's version_module.
import type { SchedulerState } from "./state.js";

/** Packages of a Python process, by name; null: it does not have it. */
export type Packages = ReadonlyMap<string, unknown>;

/** The first release whose graphs can be unfolded: year and month. */
const oldest = [2025, 4] as const;

/** Why a Python peer is too old for this scheduler; null: it is not. */
export function tooOld(who: "worker" | "client", dask: string | null): string | null {
  const [year, month] = (dask ?? "").split(".").map(Number);
  if (dask === null || year === undefined || month === undefined) return null;
  if (Number.isNaN(year) || Number.isNaN(month)) return null;
  if (year > oldest[0] || (year === oldest[0] && month >= oldest[1])) return null;
  return (
    `this ${who} runs dask ${dask}, whose graphs this scheduler cannot take: it speaks the ` +
    `protocol of ${oldest[0]}.${oldest[1]} and later. Install a newer dask and distributed`
  );
}

/** Those of the Python workers, else of the clients: the first that says so speaks for all. */
export function sharedPackages(state: SchedulerState): Packages | null {
  for (const { acme, versions } of state.workers.values()) {
    if (acme === 0 && versions.packages != null) return versions.packages;
  }
  for (const { packages } of state.clients.values()) if (packages !== null) return packages;
  return null;
}

/**
 * dask's table of the packages that differ between a peer and the workers; null: none does.
 *
 * @param name - of the column of this peer
 */
export function packageWarning(
  state: SchedulerState,
  source: Packages | null | undefined,
  name: string,
): string | null {
  if (source == null) return null;
  const shared = sharedPackages(state) ?? source;
  const workers: Packages[] = [];
  for (const { acme, versions } of state.workers.values()) {
    if (acme === 0 && versions.packages != null) workers.push(versions.packages);
  }
  const rows: string[][] = [];
  for (const each of [...source.keys()].sort()) {
    const own = versionIn(source, each);
    const theirs = [...new Set(workers.map((one) => versionIn(one, each)))];
    if (theirs.every((one) => one === own)) continue;
    const column =
      theirs.length === 1 ? (theirs[0] as string) : `{${theirs.map(quoted).join(", ")}}`;
    rows.push([each, own, versionIn(shared, each), column]);
  }
  if (rows.length === 0) return null;
  const table = tableOf(["Package", name, "Scheduler", "Workers"], rows);
  return `Mismatched versions found\n\n${table}`;
}

function versionIn(packages: Packages, name: string): string {
  const version = packages.get(name);
  if (version === undefined) return "MISSING";
  return version === null ? "None" : String(version);
}

const quoted = (text: string): string => `'${text}'`;

function tableOf(heads: readonly string[], rows: readonly string[][]): string {
  const widths = heads.map((head, i) =>
    Math.max(...[heads, ...rows].map((row) => row[i]!.length), head.length),
  );
  const bar = `+-${widths.map((width) => "-".repeat(width)).join("-+-")}-+`;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [bar, line(heads), bar, ...rows.map(line), bar].join("\n");
}
