// Questions to the scheduler about tasks and workers, and the requests that change workers. Replies
// keep dask's shapes, as maps and arrays.
import { setTimeout as delay } from "node:timers/promises";
import type { WireMap } from "@acme/protocol";
import { WaitTimeoutError } from "./errors.js";
import type { Future } from "./future.js";
import { clientLimits } from "./limits.js";
import type { WaitOptions } from "./shell/limited.js";
import type { CallOptions, Session } from "./shell/session.js";
import { hostVersions } from "./shell/versions.js";

/** Futures or keys. */
export type KeyLike = Future | string;

export async function keysOf(
  futures: Iterable<KeyLike> | undefined,
): Promise<string[] | undefined> {
  if (futures === undefined) return undefined;
  const named = [...futures].map((each) => (typeof each === "string" ? each : each.submitted()));
  return Promise.all(named);
}

/** One request about some keys. */
export async function askAboutKeys<T>(
  session: Session,
  op: string,
  futures: Iterable<KeyLike> | undefined,
): Promise<Map<string, T>> {
  const reply = await session.call({ op, keys: await keysOf(futures) });
  return reply as unknown as Map<string, T>;
}

/** One request about some workers. */
export async function askAboutWorkers<T>(
  session: Session,
  op: string,
  workers: readonly string[] | undefined,
): Promise<Map<string, T>> {
  return (await session.call({ op, workers })) as unknown as Map<string, T>;
}

/** The scheduler as it describes itself. Addresses of workers are keys of `workers`. */
export interface SchedulerInfo {
  readonly id: string;
  readonly address: string;
  readonly services: Readonly<Record<string, number>>;
  readonly workers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly nWorkers: number;
  readonly totalThreads: number;
  readonly totalMemoryBytes: number;
}

export async function schedulerInfo(session: Session, nWorkers = -1): Promise<SchedulerInfo> {
  const identity = (await session.call({ op: "identity", n_workers: nWorkers })) as WireMap;
  const workers = [...(identity.get("workers") as WireMap)];
  return {
    id: String(identity.get("id")),
    address: String(identity.get("address")),
    services: Object.fromEntries(identity.get("services") as Iterable<[string, number]>),
    workers: Object.fromEntries(
      workers.map(([address, worker]) => [address, Object.fromEntries(worker as WireMap as never)]),
    ),
    nWorkers: Number(identity.get("n_workers")),
    totalThreads: Number(identity.get("total_threads")),
    totalMemoryBytes: Number(identity.get("total_memory")),
  };
}

/** Which workers to retire. */
export interface RetireOptions extends CallOptions {
  /** Addresses. */
  readonly workers?: readonly string[] | undefined;
  readonly names?: readonly (string | number)[] | undefined;
  /** That many of the scheduler's choice. */
  readonly n?: number | undefined;
  /** Also end their processes; default true. */
  readonly closeWorkers?: boolean | undefined;
}

/** Addresses of the workers that left. */
export async function retireWorkers(session: Session, options: RetireOptions): Promise<string[]> {
  const { workers, names, n, closeWorkers = true, ...limits } = options;
  const request = { op: "retire_workers", workers, names, n, close_workers: closeWorkers };
  const retired = (await session.call({ ...request, remove: true }, limits)) as WireMap;
  return [...retired.keys()] as string[];
}

export interface RestartOptions extends CallOptions {
  /** Return only when the workers are back; default true. */
  readonly waitForWorkers?: boolean | undefined;
}

export async function restart(session: Session, options: RestartOptions): Promise<void> {
  const { waitForWorkers: wait = true, timeoutMs, signal } = options;
  const timeout = timeoutMs === undefined ? undefined : timeoutMs / 1000;
  const request = { op: "restart", client: session.id, timeout, wait_for_workers: wait };
  await session.call(request, { signal });
}

/** Resolves when at least that many workers accept tasks. @throws WaitTimeoutError */
export async function waitForWorkers(
  session: Session,
  count: number,
  { signal, timeoutMs }: WaitOptions,
): Promise<void> {
  const untilMs = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    const running = (await session.call({ op: "ncores_running" }, { signal })) as WireMap;
    if (running.size >= count) return;
    if (performance.now() >= untilMs) {
      const what = `the arrival of ${count} workers (${running.size} are there)`;
      throw new WaitTimeoutError(what, timeoutMs as number);
    }
    await delay(clientLimits.waitForWorkersPollMs, undefined, { signal });
  }
}

/** Versions of all parts, in dask's shape. */
export async function versions(session: Session): Promise<Record<string, unknown>> {
  const ask = { op: "versions" };
  const [scheduler, workers] = await Promise.all([
    session.call(ask),
    session.call({ op: "broadcast", msg: ask, on_error: "ignore" } as never),
  ]);
  return { client: hostVersions(), scheduler, workers };
}
