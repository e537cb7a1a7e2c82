// How far one scheduler goes: a million tasks run to their end and released, several times over;
// ten million held; ten thousand workers. The programs are those of the benchmark without workers'
// work, in processes of their own.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Findings } from "./findings.js";

/** What one run of the program prints; only what is looked at here. */
interface Figures {
  readonly schedulerCpuUsPerTask: number;
  readonly rssBytesPerTask: number;
  readonly longestStallCpuMs: number;
  readonly releaseStallCpuMs: number;
  readonly rssMbHeld: number;
  readonly rssMbAfterRelease: number;
  readonly heapMbAfterRelease: number;
}

const program = fileURLToPath(new URL("../../dist/bench/zero/main.js", import.meta.url));
const stallMsMax = 500;
const growthMbMax = 20;
const heldBytesMax = 600;
const crowds = [64, 1_000, 10_000];
const repeats = 3;

export async function scale(findings: Findings): Promise<void> {
  await findings.part("a million tasks, three times", () => million(findings));
  await findings.part("ten million held", () => tenMillion(findings));
  await findings.part("up to ten thousand workers", () => tenThousandWorkers(findings));
}

async function run(...flags: string[]): Promise<Figures[]> {
  const { stdout } = await execa(process.execPath, [program, ...flags], { stderr: "inherit" });
  return stdout.split("\n").map((line) => JSON.parse(line) as Figures);
}

async function million(findings: Findings): Promise<void> {
  const rounds = await run("--size", "1000000", "--workers", "64", "--rounds", "3");
  rounds.forEach((figures, i) => {
    findings.note(`round ${i + 1}`, figures);
    checkStalls(findings, `round ${i + 1}`, figures);
  });
  const [, second, third] = rounds as [Figures, Figures, Figures];
  const grown = third.heapMbAfterRelease - second.heapMbAfterRelease;
  findings.check(grown < growthMbMax, `a round leaves ${grown} MB of heap behind`);
}

async function tenMillion(findings: Findings): Promise<void> {
  const [figures] = (await run("--size", "10000000", "--workers", "0")) as [Figures];
  findings.note("held", figures);
  const { rssBytesPerTask } = figures;
  findings.check(rssBytesPerTask < heldBytesMax, `${rssBytesPerTask} bytes per task held`);
}

/** Interleaved, so that what else the machine does falls on all of them. */
async function tenThousandWorkers(findings: Findings): Promise<void> {
  const found = new Map<number, Figures[]>(crowds.map((workers) => [workers, []]));
  for (let i = 0; i < repeats; i++) {
    for (const workers of crowds) {
      found.get(workers)?.push(...(await run("--size", "100000", "--workers", `${workers}`)));
    }
  }
  const cpuUs = (workers: number) =>
    median((found.get(workers) as Figures[]).map((one) => one.schedulerCpuUsPerTask));
  for (const workers of crowds) {
    findings.note(`${workers} workers`, {
      cpuUsPerTask: cpuUs(workers),
      comparedWith64: Math.round((cpuUs(workers) / cpuUs(64)) * 100) / 100,
      runs: found.get(workers),
    });
  }
}

function checkStalls(findings: Findings, name: string, figures: Figures): void {
  for (const field of ["longestStallCpuMs", "releaseStallCpuMs"] as const) {
    findings.check(figures[field] < stallMsMax, `${name}: ${field} is ${figures[field]}`);
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
