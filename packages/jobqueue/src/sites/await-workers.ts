// Waits for the first workers of a cluster, shows what is happening meanwhile, and asks what to do
// when time is up. Must not know what the cluster is for.
import { setTimeout as sleep } from "node:timers/promises";
import type { Question } from "@acme/client";
import type { JobReport } from "../core/index.js";
import { WorkersNotStartedError } from "../errors.js";
import type { StatusLine } from "./status-line.js";

/** What is needed of a cluster here. */
export interface StartingCluster {
  readonly nWorkers: number;
  readonly nRegistered: number;
  jobs(): JobReport[];
  waitForWorkers(count: number, options: { signal: AbortSignal }): Promise<void>;
}

export interface AwaitOptions {
  /** Enough to begin with. */
  readonly atLeast: number;
  readonly timeoutMs: number;
  readonly answerMs: number;
  /** How to ask; null: there is nobody to ask. */
  readonly ask: ((question: Question) => Promise<string>) | null;
  /** With nobody to ask, or no answer, and no worker: to wait on instead of giving up. */
  readonly waitsOn?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const tickMs = 1_000;

/**
 * @returns whether to go on; false: the user wants to stop
 * @throws WorkersNotStartedError; the signal's reason
 */
export async function awaitWorkers(
  cluster: StartingCluster,
  line: StatusLine,
  options: AwaitOptions,
): Promise<boolean> {
  const startMs = performance.now();
  let timeoutMs = options.timeoutMs;
  const stop = new AbortController();
  const signals = options.signal === undefined ? [] : [options.signal];
  const signal = AbortSignal.any([stop.signal, ...signals]);
  const enough = cluster.waitForWorkers(options.atLeast, { signal });
  // Looked at below; until then its failure is nobody's.
  enough.catch(() => {});
  try {
    for (;;) {
      const elapsedMs = performance.now() - startMs;
      line.show({ ...progressOf(cluster), elapsedMs, timeoutMs });
      const pause = sleep(Math.min(tickMs, Math.max(timeoutMs - elapsedMs, 0)), "tick" as const);
      if ((await Promise.race([enough, pause])) !== "tick") break;
      if (performance.now() - startMs < timeoutMs) continue;
      const decision = await whenLate(cluster, line, options);
      if (decision !== "keep") return decision === "continue";
      timeoutMs = performance.now() - startMs + options.timeoutMs;
    }
    line.show({ ...progressOf(cluster), elapsedMs: performance.now() - startMs, timeoutMs });
    return true;
  } finally {
    line.end();
    stop.abort();
  }
}

type Decision = "keep" | "continue" | "stop";

async function whenLate(
  cluster: StartingCluster,
  line: StatusLine,
  { timeoutMs, answerMs, ask, waitsOn = false }: AwaitOptions,
): Promise<Decision> {
  const { ready, wanted, others } = progressOf(cluster);
  if (ask === null && ready === 0 && waitsOn) return "keep";
  line.end();
  if (ask === null && ready === 0) {
    const why = others === "" ? "" : ` (${others})`;
    const message = `No worker started within ${Math.round(timeoutMs / 1000)} s${why}`;
    throw new WorkersNotStartedError(
      `${message}: wait longer with timeout, or choose another partition`,
    );
  }
  if (ask === null) {
    line.say(`only ${ready} of ${wanted} workers so far: going on, the others join when they come`);
    return "continue";
  }
  const keep = `[k]eep waiting for ${Math.round(timeoutMs / 1000)} s`;
  const text =
    ready === 0
      ? `No worker yet. ${keep} or [a]bort?`
      : `${ready} of ${wanted} workers. ${keep}, [a]bort, or [c]ontinue with ${ready}?`;
  const none = waitsOn ? ["k", "a"] : ["a", "k"];
  const answers = ready === 0 ? none : ["c", "k", "a"];
  const answer = await ask({ text, answers, waitMs: answerMs });
  return answer === "k" ? "keep" : answer === "c" ? "continue" : "stop";
}

function progressOf(cluster: StartingCluster) {
  const { nRegistered: ready, nWorkers: wanted } = cluster;
  return { ready, wanted, others: describeJobs(cluster.jobs()) };
}

/** `2 pending: Resources, 1 starting`; jobs whose workers are there are not worth a word. */
function describeJobs(jobs: readonly JobReport[]): string {
  const counts = new Map<string, number>();
  for (const { workers, phase, batchState, reason } of jobs) {
    if (workers > 0 || phase === "over") continue;
    // Of a job that runs without a worker as yet, ours says more.
    const word = batchState === "" || batchState === "RUNNING" ? phase : batchState;
    const state = word.toLowerCase();
    const text = reason === "" ? state : `${state}: ${reason}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${count} ${text}`).join(", ");
}
