// Whether a peer that registers can work with this cluster: another protocol is refused, other
// versions of acme or Node are worth a warning, said once for all peers that differ alike. What
// dask's own peers run is not looked at. Corresponds to dask's version_module.error_message.
import { acmeProtocol } from "@acme/protocol";
import { type Packages, packageWarning, tooOld } from "./python-versions.js";
import type { SchedulerState } from "./state.js";
import { log, type Turn } from "./turn.js";
import type { WorkerState } from "./worker-state.js";

/** What a process runs; null: it did not say. */
export interface PeerVersions {
  readonly node: string | null;
  readonly acme: string | null;
  /** Of a Python peer. */
  readonly dask?: string | null;
  /** All packages that a Python peer names. */
  readonly packages?: Packages | null;
}

/** From dask's shape, `{ host: { node }, packages: { acme } }`. */
export function versionsIn(versions: unknown): PeerVersions {
  const packageOf = (name: string) => textAt(versions, "packages", name);
  const dask = packageOf("dask");
  const packages: unknown = versions instanceof Map ? versions.get("packages") : null;
  return {
    node: textAt(versions, "host", "node"),
    acme: packageOf("acme"),
    dask,
    packages: dask !== null && packages instanceof Map ? packages : null,
  };
}

function textAt(versions: unknown, group: string, name: string): string | null {
  const inner: unknown = versions instanceof Map ? versions.get(group) : undefined;
  const value: unknown = inner instanceof Map ? inner.get(name) : undefined;
  return typeof value === "string" ? value : null;
}

/**
 * Why a peer cannot register; null: it can.
 *
 * @param acme - its number of our protocol; 0: it speaks dask's alone
 */
export function refusal(
  state: SchedulerState,
  who: "worker" | "client",
  peer: { readonly acme: number; readonly versions: PeerVersions },
): string | null {
  if (peer.acme === 0) return tooOld(who, peer.versions.dask ?? null);
  if (peer.acme === acmeProtocol) return null;
  const theirs = release(peer.versions.acme);
  const ours = release(state.settings.versions?.acme ?? null);
  return (
    `this ${who} ${theirs} speaks version ${peer.acme} of acme's protocol, the scheduler ${ours} ` +
    `version ${acmeProtocol}: install the same release of acme for both`
  );
}

const release = (version: string | null): string => (version === null ? "" : `(acme ${version})`);

/** What is to be said about a worker; null: nothing. */
export function workerWarning(turn: Turn, { versions, acme, name }: WorkerState): string | null {
  const own = turn.state.settings.versions;
  if (acme === 0) return packageWarning(turn.state, versions.packages, "This Worker");
  if (own === null) return null;
  const difference = differenceOf(versions, own, "the scheduler");
  if (difference === null) return null;
  const seen = turn.state.toldVersions;
  if (!seen.has(difference)) {
    seen.add(difference);
    const text = `worker ${name}, and maybe others, ${difference}`;
    log(turn, { level: "warn", event: "versions-differ", text });
  }
  return `this worker ${difference}`;
}

/** The same about a client: it is compared with the workers too, which will run its functions. */
export function clientWarning(state: SchedulerState, versions: PeerVersions): string | null {
  const own = state.settings.versions;
  if (own === null) return null;
  const found = new Map<string, number>();
  for (const worker of state.workers.values()) {
    if (worker.acme === 0) continue;
    const difference = differenceOf(versions, worker.versions, "%");
    if (difference !== null) found.set(difference, (found.get(difference) ?? 0) + 1);
  }
  const ofScheduler = differenceOf(versions, own, "the scheduler");
  const parts = ofScheduler === null ? [] : [ofScheduler];
  for (const [text, count] of found) {
    parts.push(text.replaceAll("%", count === 1 ? "a worker" : `${count} workers`));
  }
  return parts.length === 0 ? null : `this client ${parts.join("; it ")}`;
}

function differenceOf(peer: PeerVersions, other: PeerVersions, others: string): string | null {
  const parts: string[] = [];
  if (peer.acme !== null && other.acme !== null && peer.acme !== other.acme) {
    parts.push(`runs acme ${peer.acme}, ${others} ${other.acme}`);
  }
  if (majorOf(peer.node) !== majorOf(other.node) && peer.node !== null && other.node !== null) {
    const what = "what only the newer one knows fails on the other";
    parts.push(`runs Node ${peer.node}, ${others} ${other.node} (${what})`);
  }
  return parts.length === 0 ? null : parts.join(" and ");
}

const majorOf = (version: string | null): string | null => version?.split(".")[0] ?? null;
