// One measurement: a fresh scheduler, fake workers, one workload run to its end, held, released.
// What the workload looks like is not known here.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Driver } from "./driver.js";
import type { Workload } from "./graphs.js";
import { SchedulerProcess, startFakeWorkers, type TlsFiles } from "./processes.js";

export interface Setting {
  readonly workers: number;
  readonly nthreads: number;
  readonly inlineBytes: number;
  readonly tls: TlsFiles | undefined;
  /** Workloads to run before on the same scheduler, so that it is warm; 0: cold. */
  readonly rounds: number;
  readonly nodeFlags: readonly string[];
}

export interface Figures {
  readonly workload: string;
  readonly workers: number;
  readonly tls: boolean;
  /** Which run on the same scheduler; 0 is cold. */
  readonly round: number;
  readonly tasksPerSecond: number;
  readonly schedulerCpuUsPerTask: number;
  readonly rssBytesPerTask: number;
  readonly heldHeapBytesPerTask: number;
  readonly longestStallMs: number;
  /** The same in CPU time of the scheduler's thread, which other programs do not lengthen. */
  readonly longestStallCpuMs: number;
  readonly longestGcMs: number;
  readonly gcShare: number;
  readonly releaseSeconds: number;
  readonly releaseStallMs: number;
  readonly releaseStallCpuMs: number;
  readonly releaseCpuUsPerTask: number;
  readonly rssMbBefore: number;
  readonly rssMbHeld: number;
  readonly rssMbAfterRelease: number;
  readonly heapMbAfterRelease: number;
}

/** The probe writes a line that often. */
const probeMs = 120;
const MB = 1e6;

/** Runs rounds of one workload, each with keys of its own, on one scheduler. */
export async function measure(
  make: (run: string) => Workload,
  setting: Setting,
  onFigures: (figures: Figures) => void,
): Promise<void> {
  const { tls, workers, nodeFlags } = setting;
  const scheduler = await SchedulerProcess.start(tls, nodeFlags);
  const stopWorkers = await startFakeWorkers({
    ...setting,
    count: workers,
    address: scheduler.address,
  });
  const driver = await Driver.connect(scheduler.address, tls && securityOf(tls));
  try {
    await sleep(500);
    for (let round = 0; round < setting.rounds; round++) {
      const workload = make(`${1000 + round}`);
      onFigures({
        ...(await runOnce(scheduler, driver, workload, setting)),
        workload: workload.name,
        workers,
        tls: tls !== undefined,
        round,
      });
    }
  } finally {
    driver.close();
    await stopWorkers();
    await scheduler.stop();
  }
}

async function runOnce(
  scheduler: SchedulerProcess,
  driver: Driver,
  workload: Workload,
  { workers }: Setting,
): Promise<Omit<Figures, "workload" | "workers" | "tls" | "round">> {
  const { tasks } = workload;
  const heapBefore = await scheduler.heldHeapBytes();
  const before = scheduler.costs();
  const startedMs = now();
  await driver.submit(workload);
  if (workers > 0) await driver.finished(workload.wanted);
  const endedMs = now();
  const held = scheduler.costs();
  await sleep(probeMs);
  const run = scheduler.probed(startedMs);
  const heldHeapBytes = await scheduler.heldHeapBytes();
  const releaseMs = now();
  const beforeRelease = scheduler.costs();
  await driver.release(workload);
  const releasedMs = now();
  const afterRelease = scheduler.costs();
  await sleep(probeMs);
  const release = scheduler.probed(releaseMs);
  const most = (lines: typeof run, field: "stallMs" | "stallCpuMs" | "gcMaxMs") =>
    Math.round(Math.max(0, ...lines.map((line) => line[field])));
  const sum = (lines: typeof run) => lines.reduce((total, { gcMs }) => total + gcMs, 0);
  const cpuUs = held.cpuUs - before.cpuUs;
  return {
    tasksPerSecond: Math.round((tasks / (endedMs - startedMs)) * 1000),
    schedulerCpuUsPerTask: rounded(cpuUs / tasks),
    rssBytesPerTask: Math.round((held.rssBytes - before.rssBytes) / tasks),
    heldHeapBytesPerTask: Math.round((heldHeapBytes - heapBefore) / tasks),
    longestStallMs: most(run, "stallMs"),
    longestStallCpuMs: most(run, "stallCpuMs"),
    longestGcMs: most(run, "gcMaxMs"),
    gcShare: rounded(sum(run) / (endedMs - startedMs)),
    releaseSeconds: rounded((releasedMs - releaseMs) / 1000),
    releaseStallMs: most(release, "stallMs"),
    releaseStallCpuMs: most(release, "stallCpuMs"),
    releaseCpuUsPerTask: rounded((afterRelease.cpuUs - beforeRelease.cpuUs) / tasks),
    rssMbBefore: Math.round(before.rssBytes / MB),
    rssMbHeld: Math.round(held.rssBytes / MB),
    rssMbAfterRelease: Math.round(afterRelease.rssBytes / MB),
    heapMbAfterRelease: Math.round((await scheduler.heldHeapBytes()) / MB),
  };
}

const now = (): number => performance.timeOrigin + performance.now();
const rounded = (value: number): number => Math.round(value * 100) / 100;
const securityOf = ({ ca, cert, key }: TlsFiles) => ({
  ca: readFileSync(ca, "utf8"),
  cert: readFileSync(cert, "utf8"),
  key: readFileSync(key, "utf8"),
});
