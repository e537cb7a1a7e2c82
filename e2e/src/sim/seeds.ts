// Many runs, one after another, and what they came to together.
import { addCounts, type Coverage, newCoverage } from "./coverage.js";
import { RunError, run } from "./run.js";

export interface SeedsOptions {
  from: number;
  count: number;
  calm: boolean;
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
  coverage: Coverage;
}

export function runSeeds(options: SeedsOptions): SeedsReport {
  const startedMs = performance.now();
  const report = newReport();
  for (let seed = options.from; seed < options.from + options.count; seed++) {
    report.seeds += 1;
    try {
      add(report, run({ seed, calm: options.calm, trace: false }));
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      report.failed.push(seed);
      options.onFailure(error);
      if (!options.keepGoing) break;
    }
  }
  report.seconds = (performance.now() - startedMs) / 1_000;
  report.seedsPerSecond = report.seeds / report.seconds;
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
  addCounts(report.coverage.scheduler, result.coverage.scheduler);
  addCounts(report.coverage.worker, result.coverage.worker);
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
  coverage: newCoverage(),
});
