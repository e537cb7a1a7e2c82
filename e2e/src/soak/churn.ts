// Ten minutes of everything at once on two workers, one of which is killed every 20 s: results
// stay right, and memory does not creep. The rounds of work are in churn-work.ts.
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Client, LocalCluster } from "@acme/client";
import { residentBytes } from "../memory/real-memory.js";
import { type Round, rounds } from "./churn-work.js";
import type { Findings } from "./findings.js";
import { slopePerMinute } from "./slope.js";

const minutes = 10;
const killEveryMs = 20_000;
const sampleMs = 2_000;
const MB = 1_000_000;
/** Of this process, which holds client and scheduler; a leak of one task a millisecond shows. */
const maxSlopeMBPerMinute = 10;

interface Sample {
  readonly atMs: number;
  readonly hostBytes: number;
  /** Heap of the client alone; the scheduler's thread has its own. */
  readonly clientHeapBytes: number;
  readonly workerBytes: readonly number[];
}

export async function churn(findings: Findings): Promise<void> {
  await using cluster = await LocalCluster.start({
    nWorkers: 2,
    threadsPerWorker: 1,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(2);
  const samples: Sample[] = [];
  const until = performance.now() + minutes * 60_000;
  const sampler = setInterval(() => samples.push(sample(cluster)), sampleMs);
  let kills = 0;
  const killer = setInterval(() => {
    const pid = cluster.workerPids[kills % 2];
    if (pid === undefined) return;
    process.kill(pid, "SIGKILL");
    kills += 1;
  }, killEveryMs);
  try {
    await Promise.all(rounds.map((round) => repeat(round, client, until, findings)));
  } finally {
    clearInterval(killer);
    clearInterval(sampler);
  }
  findings.note("kills", kills);
  findings.check(kills >= (minutes * 60_000) / killEveryMs - 2, `only ${kills} kills`);
  noteMemory(samples, findings);
}

async function repeat(round: Round, client: Client, until: number, findings: Findings) {
  const counts = { rounds: 0, wrong: 0, lost: 0 };
  const errors: string[] = [];
  while (performance.now() < until) {
    try {
      const end = await round.run(client);
      counts.rounds += 1;
      if (end === "wrong") counts.wrong += 1;
      if (end === "lost") counts.lost += 1;
    } catch (error) {
      errors.push(`${(error as Error).name}: ${(error as Error).message}`.slice(0, 300));
      await sleep(100);
    }
  }
  findings.note(round.name, { ...counts, errors: errors.slice(0, 5) });
  findings.check(counts.rounds > 0, `${round.name}: not one round ended`);
  findings.check(counts.wrong === 0, `${round.name}: ${counts.wrong} wrong results`);
  findings.check(errors.length === 0, `${round.name}: ${errors.length} errors, first ${errors[0]}`);
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** After collecting: what grows then is kept by somebody, and not only waiting to be collected. */
function sample(cluster: LocalCluster): Sample {
  collectGarbage();
  return {
    atMs: performance.now(),
    hostBytes: residentBytes(process.pid),
    clientHeapBytes: process.memoryUsage().heapUsed,
    workerBytes: cluster.workerPids.map(residentBytes),
  };
}

/** The first quarter is warming up. */
function noteMemory(samples: readonly Sample[], findings: Findings): void {
  const settled = samples.slice(Math.floor(samples.length / 4));
  const slope = (of: (sample: Sample) => number) =>
    Number(slopePerMinute(settled.map((one) => [one.atMs, of(one) / MB])).toFixed(2));
  const last = settled.at(-1);
  const hostSlope = slope((one) => one.hostBytes);
  findings.note("memory, MB and MB per minute", {
    host: Math.round((last?.hostBytes ?? 0) / MB),
    hostSlope,
    clientHeap: Math.round((last?.clientHeapBytes ?? 0) / MB),
    clientHeapSlope: slope((one) => one.clientHeapBytes),
    workersMax: Math.round(Math.max(...settled.flatMap((one) => one.workerBytes)) / MB),
    workersSlope: slope((one) => Math.max(0, ...one.workerBytes)),
  });
  const text = `client and scheduler grow by ${hostSlope} MB per minute`;
  findings.check(hostSlope < maxSlopeMBPerMinute, text);
}
