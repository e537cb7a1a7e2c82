// Our cluster's way to many workers, and what it asks of the controller on the way, while all is
// well, and at its end.
import { setTimeout as sleep } from "node:timers/promises";
import { SLURMCluster } from "@acme/jobqueue";
import type { BenchFarm } from "./farm.js";

export interface Start {
  readonly workers: number;
  /** From the cluster's start to its last worker. */
  readonly startMs: number;
  /** From `scale()` to the last worker. */
  readonly registeredMs: number;
  /** Of the controller until all jobs were submitted. */
  readonly submitCommands: number;
  /** From then until all workers had registered. */
  readonly waitingPolls: number;
  readonly closeMs: number;
  /** Of all commands, from start to end. */
  readonly commands: number;
  readonly closeCommands: number;
}

export interface OurStart extends Start {
  /** Within the time in which nothing happened. */
  readonly steadyPolls: number;
  readonly steadyS: number;
  /** Between two polls while workers were missing, at least. */
  readonly shortestPauseS: number | null;
}

const startLimitMs = 600_000;

export async function startOurs(
  farm: BenchFarm,
  workers: number,
  steadyS: number,
): Promise<OurStart> {
  const since = (ms: number) => farm.sent().filter(({ atMs }) => atMs >= ms);
  const beginMs = Date.now();
  const cluster = await SLURMCluster.start({
    cores: 1,
    memory: "256 MB",
    queue: "8GBXS",
    host: farm.hostAddress,
    nanny: false,
    startTimeoutMs: startLimitMs,
    logLevel: "warn",
  });
  const scaleMs = Date.now();
  await cluster.scale(workers);
  const submittedMs = Date.now();
  const submitCommands = since(beginMs).length;
  await cluster.waitForWorkers(workers, { timeoutMs: startLimitMs });
  const registeredMs = Date.now();
  const waiting = since(submittedMs).filter(({ atMs }) => atMs <= registeredMs);
  // The poll after the last change belongs to it.
  await sleep(6_000);
  const steadyMs = Date.now();
  await sleep(steadyS * 1000);
  const steadyPolls = since(steadyMs).length;
  const closeMs = Date.now();
  await cluster.close();
  return {
    workers,
    startMs: registeredMs - beginMs,
    registeredMs: registeredMs - scaleMs,
    submitCommands,
    waitingPolls: waiting.length,
    shortestPauseS: shortestPause(waiting.map(({ atMs }) => atMs)),
    steadyPolls,
    steadyS,
    closeMs: Date.now() - closeMs,
    closeCommands: since(closeMs).length,
    commands: since(beginMs).length,
  };
}

function shortestPause(times: readonly number[]): number | null {
  const pauses = times.slice(1).map((ms, i) => (ms - (times[i] as number)) / 1000);
  return pauses.length === 0 ? null : Math.round(Math.min(...pauses) * 10) / 10;
}
