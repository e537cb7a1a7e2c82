// A flood: results of 10 MB each, twenty times what all workers may hold together, and all of them
// wanted. They go to disk and come back one by one; no worker is lost and none exceeds its limit.
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spillAndGather } from "../memory/spill-and-gather.js";
import type { Findings, SoakOptions } from "./findings.js";

const MB = 1_000_000;
const shape = { workers: 2, limitBytes: 512 * 2 ** 20, values: 2_000, valueBytes: 10 * MB };
/** Free space that a flood leaves to others. */
const spareBytes = 2_000 * MB;

export async function flood(findings: Findings, options: SoakOptions): Promise<void> {
  const { workers, limitBytes, valueBytes } = shape;
  const { bavail, bsize } = statfsSync(tmpdir());
  const room = Math.floor((bavail * bsize - spareBytes) / valueBytes);
  const wanted = options.values ?? shape.values;
  const values = Math.min(wanted, room);
  findings.check(values === wanted, `the disk has room for ${room} values only`);
  findings.note("raw disk, MB per second", rawDisk());
  const figures = await spillAndGather({
    workers,
    memoryLimit: `${limitBytes}`,
    values,
    valueBytes,
    gatherAtOnce: 1,
  });
  const { storedBytes, computedMs, gatheredMs } = figures;
  const perSecond = (ms: number) => Math.round(storedBytes / MB / (ms / 1_000));
  findings.note("flood", figures);
  findings.note("computed and spilled, MB per second", perSecond(computedMs));
  findings.note("read back, MB per second", perSecond(gatheredMs));
  findings.check(figures.right === values, `${figures.right} of ${values} results are right`);
  findings.check(figures.workerProcesses === workers, "a worker was restarted");
  findings.check(
    figures.peakWorkerBytes < limitBytes,
    `a worker took ${figures.peakWorkerBytes} bytes`,
  );
  findings.check(figures.leftBehind.length === 0, `left behind: ${figures.leftBehind}`);
}

/** A plain file of 2 GB, on the disk for sure when this returns. */
function rawDisk(): number {
  const folder = mkdtempSync(join(tmpdir(), "acme-raw-disk-"));
  const block = new Uint8Array(10 * MB).fill(7);
  try {
    const startedMs = performance.now();
    const file = openSync(join(folder, "raw"), "wx");
    for (let i = 0; i < 200; i++) writeSync(file, block);
    fsyncSync(file);
    closeSync(file);
    return Math.round((200 * block.byteLength) / MB / ((performance.now() - startedMs) / 1_000));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
