// The life of a cluster of jobs on whatever batch system: refused, started, used, robbed of a job,
// shrunk, closed. What it finds is judged by whoever runs it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, ParallelMap } from "@acme/client";
import type { JobQueueCluster, JobQueueOptions } from "@acme/jobqueue";

/** A batch system, as much of it as the scenario needs to know. */
export interface QueueUnderTest {
  start(options: JobQueueOptions): Promise<JobQueueCluster>;
  /** Ends a job behind the cluster's back. */
  kill(job: { jobId: string; index: number | null }): Promise<unknown>;
  /** Ids of jobs that wait or run. */
  queued(): Promise<string[]>;
  /** What the system says of a queue that it does not have. */
  readonly refusal: RegExp;
  /** Where clusters keep their files. */
  readonly home: string;
}

/** What happened, in milliseconds and numbers. */
export interface QueueFigures {
  readonly jobs: number;
  readonly upMs: number;
  readonly mapMs: number;
  /** Of `mapTasks` values. */
  readonly right: number;
  readonly arrays: number;
  /** From the end of a job that somebody killed until another one has registered. */
  readonly replacedMs: number;
  readonly afterShrinking: number;
  readonly closeMs: number;
  readonly leftInQueue: readonly string[];
  readonly leftFolders: readonly string[];
  readonly refusedWith: string;
}

export const mapTasks = 400;

const small: JobQueueOptions = { cores: 1, memory: "400 MB", logLevel: "silent" };

export async function liveOnQueue(queue: QueueUnderTest, jobs: number): Promise<QueueFigures> {
  const refusedWith = await refusal(queue);
  const cluster = await queue.start(small);
  try {
    const upMs = await timed(async () => {
      await cluster.scale(jobs);
      await cluster.waitForWorkers(jobs, { timeoutMs: 90_000 });
    });
    const arrays = new Set(cluster.jobs().map(({ ref }) => ref?.jobId)).size;
    const { right, mapMs } = await map(cluster);
    const replacedMs = await timed(() => robAndWait(queue, cluster, jobs));
    await cluster.scale(1);
    await until(() => live(cluster).length === 1, 60_000);
    const afterShrinking = (await queue.queued()).length;
    const closeMs = await timed(() => cluster.close());
    return {
      jobs,
      upMs,
      mapMs,
      right,
      arrays,
      replacedMs,
      afterShrinking,
      closeMs,
      leftInQueue: await queue.queued(),
      leftFolders: foldersOf(cluster.name, queue.home),
      refusedWith,
    };
  } finally {
    await cluster.close();
  }
}

async function refusal(queue: QueueUnderTest): Promise<string> {
  const cluster = await queue.start({ ...small, queue: "no-such-queue" });
  try {
    await cluster.scale(1);
    return "";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await cluster.close();
  }
}

async function map(cluster: JobQueueCluster): Promise<{ right: number; mapMs: number }> {
  const client = await Client.connect(cluster);
  const inputs = Array.from({ length: mapTasks }, (_, i) => i);
  let values: unknown[] = [];
  const mapMs = await timed(async () => {
    const square = new ParallelMap((x: number) => x * x, inputs);
    values = (await square.compute({ client, output: "memory" })) as unknown[];
  });
  await client.close();
  return { right: inputs.filter((x) => values[x] === x * x).length, mapMs };
}

async function robAndWait(queue: QueueUnderTest, cluster: JobQueueCluster, jobs: number) {
  const [victim] = live(cluster);
  if (victim?.ref == null) throw new Error("no job is there to be killed");
  await queue.kill(victim.ref);
  await until(() => !live(cluster).some(({ name }) => name === victim.name), 60_000);
  await cluster.waitForWorkers(jobs, { timeoutMs: 60_000 });
}

const live = (cluster: JobQueueCluster) => cluster.jobs().filter(({ phase }) => phase !== "over");

function foldersOf(name: string, home: string): string[] {
  // What its jobs printed stays: one of them was killed.
  return readdirSync(join(home, "clusters")).filter((each) => each === name);
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await what();
  return Math.round(performance.now() - startMs);
}

async function until(what: () => boolean, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!what()) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(50);
  }
}
