// Options of the setup functions: how they may be given, what they mean with a site's own, and which
// of them are for the cluster. Must not know what SLURM has.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { parseDurationMs } from "@acme/config";
import type { JobQueueOptions } from "../cluster-options.js";
import { JobOptionError } from "../errors.js";
import { mib, parseMemory } from "./memory-request.js";
import { plainSite, type Site } from "./site.js";

/** What a setup function takes beside the options of a cluster of jobs. */
export interface SetupOptions
  extends Omit<JobQueueOptions, "cores" | "memory" | "processes" | "queue"> {
  /** Workers to start. */
  nWorkers?: number | undefined;
  /** Where; `"auto"`: the smallest partition that suffices. Default: SLURM's default. */
  partition?: string | undefined;
  /** Memory of one worker, such as `"8 GB"`; `"auto"`: what the partition has for one. */
  memPerWorker?: string | number | undefined;
  /** What a task was seen to need, from which a partition is chosen; not what is asked for. */
  memoryEstimate?: string | number | undefined;
  /** Cores of one worker, which are also the tasks it runs at once. */
  coresPerWorker?: number | undefined;
  /** Worker processes that share a job; default 1. */
  processesPerWorker?: number | undefined;
  /** Return as soon as so many workers are there; default 1. */
  nWorkersStartup?: number | undefined;
  /** Seconds, or `"2 min"`, for them to appear. */
  timeout?: number | string | undefined;
  /** Ask on a terminal what to do when they do not; default: if there is one. */
  interactive?: boolean | undefined;
  /** Seconds, or `"2 min"`, after which an unanswered question counts as answered. */
  interactiveWait?: number | string | undefined;
  /**
   * Further options of sbatch, each beginning with `-`. Of `--output=FOLDER/FILE` the folder counts,
   * which must exist: files are named by array and index, so that they can be found again.
   */
  jobExtra?: readonly string[] | undefined;
  /** What is left of a partition's limit of memory, such as `"100 MiB"`. */
  memCushion?: string | number | undefined;
}

/** All that a setup has to know, checked. */
export interface Setup {
  readonly nWorkers: number;
  readonly partition: string | null;
  readonly memPerWorker: string | number;
  readonly estimateMib: number | null;
  readonly coresPerWorker: number | null;
  readonly processes: number;
  readonly atLeast: number;
  readonly timeoutMs: number;
  readonly interactive: boolean | null;
  readonly answerMs: number;
  readonly cushionMib: number;
  /** What the cluster is started with. */
  readonly cluster: JobQueueOptions;
}

/** @throws JobOptionError naming the option */
export function readSetup(options: SetupOptions, given: Site): Setup {
  const site = filledIn(given);
  const {
    nWorkers = site.nWorkers,
    partition,
    memPerWorker = site.memPerWorker,
    memoryEstimate,
    // Who asks for memory gets the cores that go with it.
    coresPerWorker = options.memPerWorker === undefined ? site.coresPerWorker : null,
    processesPerWorker = 1,
    nWorkersStartup = 1,
    timeout = site.timeoutS,
    interactive,
    interactiveWait = site.interactiveWaitS,
    jobExtra = [],
    memCushion = site.memCushion,
    ...cluster
  } = options;
  return {
    nWorkers: count("nWorkers", nWorkers, 1),
    partition: partition ?? null,
    memPerWorker,
    estimateMib: memoryEstimate === undefined ? null : parseMemory(memoryEstimate),
    coresPerWorker: coresPerWorker === null ? null : count("coresPerWorker", coresPerWorker, 1),
    processes: count("processesPerWorker", processesPerWorker, 1),
    atLeast: Math.min(count("nWorkersStartup", nWorkersStartup, 0), nWorkers),
    timeoutMs: duration("timeout", timeout),
    interactive: interactive ?? null,
    answerMs: duration("interactiveWait", interactiveWait),
    cushionMib: memCushion === 0 ? 0 : (parseMemory(memCushion) ?? 0),
    cluster: {
      ...site.options,
      ...cluster,
      ...logFolder(directives(jobExtra)),
      jobExtraDirectives: [
        ...(cluster.jobExtraDirectives ?? []),
        ...jobExtra.filter((line) => !outputOption.test(line)),
      ],
    },
  };
}

const filledIn = (site: Site) => ({
  nWorkers: site.nWorkers ?? plainSite.nWorkers,
  memPerWorker: site.memPerWorker ?? plainSite.memPerWorker,
  // Null is a choice.
  coresPerWorker:
    site.coresPerWorker === undefined ? plainSite.coresPerWorker : site.coresPerWorker,
  timeoutS: site.timeoutS ?? plainSite.timeoutS,
  interactiveWaitS: site.interactiveWaitS ?? plainSite.interactiveWaitS,
  memCushion: site.memCushion ?? plainSite.memCushion,
  options: site.options,
});

function count(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new JobOptionError(name, `${value} is no whole number of at least ${least}`);
}

function duration(name: string, value: number | string): number {
  try {
    return parseDurationMs(value);
  } catch (cause) {
    throw new JobOptionError(name, (cause as Error).message, cause);
  }
}

function directives(lines: readonly string[]): readonly string[] {
  const bad = lines.find((line) => typeof line !== "string" || !/^-[^\r\n]+$/.test(line));
  if (bad === undefined) return lines;
  throw new JobOptionError("jobExtra", `${JSON.stringify(bad)} is no option of sbatch`);
}

const outputOption = /^(--output|-o)(?![\w-])/;

/** @throws JobOptionError */
function logFolder(lines: readonly string[]): JobQueueOptions {
  const line = lines.findLast((each) => outputOption.test(each));
  if (line === undefined) return {};
  const path = /^(?:--output|-o)=([^=]+)$/.exec(line)?.[1];
  if (path === undefined) throw new JobOptionError("jobExtra", `${line} is not --output=PATH`);
  const folder = dirname(path);
  if (existsSync(folder)) return { logDirectory: folder };
  throw new JobOptionError("jobExtra", `${line}: there is no folder ${folder}`);
}

/** Bytes of so many MiB, and as sbatch is told: whole gigabytes would be more than asked for. */
export function memoryOptions(memoryMib: number | null): JobQueueOptions {
  if (memoryMib === null) return { memory: false };
  return { memory: memoryMib * mib, jobMemory: `${memoryMib}M` };
}
