// Many runs, one after another, and what they came to together.
// What happens within one run stands in run.ts; printing is left to main.ts.
import { addCounts, newCoverage } from "./coverage.js";
import { hashText } from "./payload.js";
import type { Mood } from "./plan.js";
import { RunError, run } from "./run.js";

export interface SeedsOptions {
  from: number;
  count: number;
  mood: Mood;
  trace: boolean;
  /** Goes on after a failure. */
  keepGoing: boolean;
  onFailure: (error: RunError) => void;
}

export interface SeedsReport {
  seeds: number;
  failed: number[];
  seconds: number;
  seedsPerSecond: number;
  tasks: number;
  faults: number;
  messages: number;
  steps: number;
  virtualSeconds: number;
  fewestTasks: number;
  fewestWorkers: number;
  fewestFaults: number;
  /** Trace hashes of all runs as one; the same seeds give the same. */
  hash: string;
  /** Times per edge, `from>to`. */
  edges: { scheduler: Record<string, number>; worker: Record<string, number> };
}

export function runSeeds(options: SeedsOptions): SeedsReport {
  const startedMs = performance.now();
  const report = newReport();
  const coverage = newCoverage();
  const hashes: string[] = [];
  for (let seed = options.from; seed < options.from + options.count; seed++) {
    report.seeds += 1;
    try {
      const result = run({ seed, mood: options.mood, trace: options.trace });
      hashes.push(result.hash);
      add(report, result);
      addCounts(coverage.scheduler, result.coverage.scheduler);
      addCounts(coverage.worker, result.coverage.worker);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      report.failed.push(seed);
      options.onFailure(error);
      if (!options.keepGoing) break;
    }
  }
  report.seconds = (performance.now() - startedMs) / 1_000;
  report.seedsPerSecond = report.seeds / report.seconds;
  report.hash = hashText(hashes.join()).toString(16);
  report.edges.scheduler = Object.fromEntries(coverage.scheduler);
  report.edges.worker = Object.fromEntries(coverage.worker);
  return report;
}

function add(report: SeedsReport, result: ReturnType<typeof run>): void {
  report.tasks += result.tasks;
  report.faults += result.faults.length;
  report.messages += result.messages;
  report.steps += result.steps;
  report.virtualSeconds += result.virtualMs / 1_000;
  report.fewestTasks = Math.min(report.fewestTasks, result.tasks);
  report.fewestWorkers = Math.min(report.fewestWorkers, result.workers);
  report.fewestFaults = Math.min(report.fewestFaults, result.faults.length);
}

const newReport = (): SeedsReport => ({
  seeds: 0,
  failed: [],
  seconds: 0,
  seedsPerSecond: 0,
  tasks: 0,
  faults: 0,
  messages: 0,
  steps: 0,
  virtualSeconds: 0,
  fewestTasks: Number.POSITIVE_INFINITY,
  fewestWorkers: Number.POSITIVE_INFINITY,
  fewestFaults: Number.POSITIVE_INFINITY,
  hash: "",
  edges: { scheduler: {}, worker: {} },
});
