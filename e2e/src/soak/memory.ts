// Large memory on one machine: tasks of several gigabytes on a worker that may have them, stored
// results beyond a limit, a pause, and memory that runs away. One part at a time.
import { Client, LocalCluster } from "@acme/client";
import { pauseAndResume, pauseTasks } from "../memory/pause-and-resume.js";
import { residentBytes } from "../memory/real-memory.js";
import { innocentTasks, runTaskAway } from "../memory/run-away.js";
import { spillAndGather } from "../memory/spill-and-gather.js";
import type { Findings } from "./findings.js";

const GB = 1_000_000_000;
const large = { memoryLimit: "16GB", taskBytes: 6 * GB };
const small = { limitBytes: 2 * GB, values: 250, valueBytes: 16_000_000 };

interface Held {
  readonly heldBytes: number;
  readonly heapLimitBytes: number;
  readonly isRight: boolean;
}

/** JavaScript objects and numbers on the heap of the task's thread. */
const fillHeap = async (bytes: number): Promise<Held> => {
  const { getHeapStatistics } = await import("node:v8");
  const kept: { index: number; numbers: number[] }[] = [];
  while (process.memoryUsage().heapUsed < bytes) {
    const index = kept.length;
    kept.push({ index, numbers: Array.from({ length: 100_000 }, (_, i) => index + i / 2) });
  }
  return {
    heldBytes: process.memoryUsage().heapUsed,
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    isRight: kept.every(({ index, numbers }) => numbers[99_999] === index + 99_999 / 2),
  };
};

/** Memory outside of the heap. */
const fillArrays = (bytes: number): Held => {
  const pieceBytes = 64_000_000;
  const kept: Float64Array[] = [];
  while (kept.length * pieceBytes < bytes)
    kept.push(new Float64Array(pieceBytes / 8).fill(kept.length));
  return {
    heldBytes: process.memoryUsage().arrayBuffers,
    heapLimitBytes: 0,
    isRight: kept.every((piece, index) => piece[0] === index && piece.at(-1) === index),
  };
};

export async function memory(findings: Findings): Promise<void> {
  await findings.part("6 GB of heap", () => oneTask(findings, "heap", fillHeap));
  await findings.part("6 GB of typed arrays", () => oneTask(findings, "typed arrays", fillArrays));
  await findings.part("results beyond the limit", () => spill(findings));
  await findings.part("a pause", () => pause(findings));
  await findings.part("memory that runs away", () => away(findings));
}

async function oneTask(
  findings: Findings,
  name: string,
  fill: (bytes: number) => Held | Promise<Held>,
): Promise<void> {
  const { memoryLimit, taskBytes } = large;
  await using cluster = await LocalCluster.start({
    nWorkers: 1,
    threadsPerWorker: 1,
    memoryLimit,
    logLevel: "warn",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(1);
  const [pid] = cluster.workerPids as [number];
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(pid));
  }, 50);
  const startedMs = performance.now();
  try {
    const held = await client.submit(fill, [taskBytes], { pure: false }).result();
    const tookMs = Math.round(performance.now() - startedMs);
    findings.note(name, { ...held, tookMs, peakWorkerBytes: peakBytes });
    findings.check(
      held.isRight && held.heldBytes >= taskBytes,
      `${name}: held too little, or wrong`,
    );
    findings.check(cluster.workerPids[0] === pid, `${name}: the worker was restarted`);
  } finally {
    clearInterval(timer);
  }
}

async function spill(findings: Findings): Promise<void> {
  const { limitBytes, values, valueBytes } = small;
  const memoryLimit = `${limitBytes}`;
  const figures = await spillAndGather({ memoryLimit, values, valueBytes, gatherAtOnce: 10 });
  findings.note("spilling", figures);
  findings.check(figures.right === values, `spilling: ${figures.right} of ${values} are right`);
  const mustSpill = values * valueBytes - limitBytes;
  findings.check(figures.peakSpilledBytes > mustSpill, "spilling: too little went to disk");
  findings.check(figures.leftBehind.length === 0, "spilling: files were left behind");
  findings.check(figures.workerProcesses === 1, "spilling: the worker was restarted");
}

async function pause(findings: Findings): Promise<void> {
  const figures = await pauseAndResume(small.limitBytes, 5_000);
  findings.note("pausing", figures);
  const expected = "running,paused,running";
  findings.check(`${figures.statuses}` === expected, `pausing: it was ${figures.statuses}`);
  findings.check(figures.endedWhilePaused === 0, "pausing: tasks ran meanwhile");
  findings.check(figures.right === pauseTasks, "pausing: tasks were lost");
}

async function away(findings: Findings): Promise<void> {
  const figures = await runTaskAway(small.limitBytes);
  findings.note("running away", figures);
  findings.check(figures.guilty === "KilledWorker", `running away: ended in ${figures.guilty}`);
  findings.check(figures.right === innocentTasks, "running away: other tasks were lost");
}
