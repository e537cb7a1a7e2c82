// The client process of the mixed soak: does all kinds of work side by side until its time is over,
// releases everything, and tells its parent what came of it. Started by mixed.ts.
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Client } from "@acme/client";
import { type Round, rounds } from "./mixed-work.js";

const roundMs = 180_000;
/** Between two rounds of one kind. */
const pauseMs = 100;
/** For the last releases to reach the workers, and for their heartbeats to tell of it. */
const settleMs = 5_000;

export interface Counts {
  readonly rounds: number;
  readonly wrong: number;
  readonly lost: number;
  readonly errors: readonly string[];
}

/** What the client process says at its end. */
export interface MixedReport {
  readonly kinds: Readonly<Record<string, Counts>>;
  /** What scheduler and workers still know after everything was released. */
  readonly left: {
    readonly keys: readonly string[];
    readonly processing: readonly string[];
    /** About the first of those. */
    readonly why: readonly string[];
    /** Tasks that each worker knows. */
    readonly knownToWorkers: readonly number[];
  };
}

async function work(schedulerFile: string, forMs: number): Promise<MixedReport> {
  await using client = await Client.connect({ schedulerFile });
  await client.waitForWorkers(1);
  const until = performance.now() + forMs;
  const counts = await Promise.all(
    rounds.map(async (round) => {
      const found = await repeat(round, client, schedulerFile, until);
      return [round.name, found] as const;
    }),
  );
  return { kinds: Object.fromEntries(counts), left: await whatIsLeft(client) };
}

async function repeat(round: Round, client: Client, schedulerFile: string, until: number) {
  const counts = { rounds: 0, wrong: 0, lost: 0, errors: [] as string[] };
  while (performance.now() < until) {
    try {
      const end = await inTime(round.run(client, schedulerFile));
      counts.rounds += 1;
      if (end === "wrong") counts.wrong += 1;
      if (end === "lost") counts.lost += 1;
    } catch (error) {
      const { name, message } = error as Error;
      if (counts.errors.length < 20) counts.errors.push(`${name}: ${message}`.slice(0, 300));
    }
    await sleep(pauseMs);
  }
  return counts;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const late = sleep(roundMs, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`a round did not end within ${roundMs / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    patience.abort();
    late.catch(() => {});
  }
}

/** Futures that nobody released are released when garbage is collected. */
async function whatIsLeft(client: Client): Promise<MixedReport["left"]> {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await sleep(settleMs / 3);
  }
  const { workers } = await client.schedulerInfo();
  const known = Object.values(workers).map((worker) => {
    const metrics = worker.metrics as Map<string, Map<string, number>>;
    return metrics.get("task_counts")?.get("known") ?? -1;
  });
  const processing = [...(await client.processing()).values()].flat();
  const why = await Promise.all(processing.slice(0, 3).map((key) => client.explain(key)));
  const keys = [...(await client.whoHas()).keys()];
  return { keys, processing, why, knownToWorkers: known };
}

const [schedulerFile, forMs] = process.argv.slice(2) as [string, string];
const report = await work(schedulerFile, Number(forMs));
process.send?.(report);
process.disconnect?.();
