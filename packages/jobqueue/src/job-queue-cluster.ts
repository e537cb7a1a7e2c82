// A cluster whose workers are jobs of a batch system: what users hold in their hands. How many jobs
// there are, and what becomes of each, is decided in the core.
import { EventEmitter } from "node:events";
import { rmSync } from "node:fs";
import type { Cluster } from "@acme/cluster";
import type { Security } from "@acme/comm";
import { jobsFor, type ScaleTarget } from "./cluster-options.js";
import { type JobReport, view } from "./core/index.js";
import { JobClusterError } from "./errors.js";
import { shellLimits } from "./shell/limits.js";
import { readTail } from "./shell/log-tail.js";
import { type LogEntry, Reconciler } from "./shell/reconciler.js";
import { Watchdog } from "./shell/watchdog.js";
import { WorkerFeed } from "./shell/worker-feed.js";
import type { ClusterParts } from "./start-parts.js";

/** What a cluster of jobs tells while it lives. */
export interface JobQueueEvents {
  /** The story of a job goes on. */
  job: [report: JobReport];
  /** Something worth knowing; also printed, see `logLevel`. */
  log: [entry: LogEntry];
}

export interface WaitForWorkersOptions {
  /** Default: as long as it takes. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LogsOptions {
  /** Names of jobs; default: all that are known. */
  readonly jobs?: readonly string[] | undefined;
  /** So many bytes of each, from its end; default 65 536. */
  readonly tailBytes?: number | undefined;
}

/** What a cluster of jobs has in common, whatever the batch system. */
export abstract class JobQueueCluster extends EventEmitter<JobQueueEvents> implements Cluster {
  readonly #parts: ClusterParts;
  readonly #feed: WorkerFeed;
  readonly #watchdog: Watchdog;
  readonly #reconciler: Reconciler;
  #closing: Promise<void> | undefined;
  #hasFailed = false;

  /** Use `start()` of a batch system's own class. */
  protected constructor(parts: ClusterParts) {
    super();
    this.#parts = parts;
    const { driver, job, script, commands, scheduler, options } = parts;
    this.#feed = new WorkerFeed(scheduler.address, parts.security);
    this.#watchdog = new Watchdog(driver.system, parts.tag);
    const { startTimeoutMs: startMs, drainTimeoutMs: drainMs } = options;
    this.#reconciler = new Reconciler({
      driver,
      job,
      script,
      commands,
      feed: this.#feed,
      watchdog: this.#watchdog,
      limits: {
        ...(startMs && { startMs }),
        ...(drainMs && { drainMs }),
        ...(driver.arraySize && { arraySize: driver.arraySize }),
      },
      onChanged: (report) => this.emit("job", report),
      onLog: (entry) => this.#log(entry),
    });
    void scheduler.ended.then(({ reason }) => {
      if (this.#closing !== undefined) return;
      this.#log({ level: "error", text: `the scheduler ended: ${reason}` });
      void this.close();
    });
  }

  get schedulerAddress(): string {
    return this.#parts.scheduler.address;
  }

  /** What clients and workers need to get in; undefined if connections are not encrypted. */
  get security(): Security | undefined {
    return this.#parts.security;
  }

  /** Name under which `acme status` knows it while it lives. */
  get name(): string {
    return this.#parts.directory.name;
  }

  /** Its status page, to be seen on this machine; asks for the token of `acme status`. */
  get dashboardLink(): string | null {
    const { httpPort } = this.#parts.scheduler;
    return httpPort === null ? null : `http://127.0.0.1:${httpPort}/status`;
  }

  /** How many workers are wanted; their jobs may still wait. */
  get nWorkers(): number {
    return this.#reconciler.state.wantedJobs * this.#parts.job.processes;
  }

  /** How many workers are here. */
  get nRegistered(): number {
    return view.registered(this.#reconciler.state);
  }

  /** What marks its jobs in the queue, where the batch system keeps comments. */
  get tag(): string {
    return this.#parts.tag;
  }

  /** The script of its jobs, exactly as it is submitted. */
  jobScript(): string {
    return this.#parts.script;
  }

  /**
   * Submits jobs, or lets some finish and hand over what they hold, until there are as many as
   * wanted. Jobs that die later are replaced.
   *
   * @param target - a number of workers, or `{ workers, jobs, cores, memory }`
   * @returns when the jobs are submitted; see {@link waitForWorkers}
   * @throws SubmitError with what the batch system said and the script; JobClusterError,
   *   ClusterClosedError
   */
  async scale(target: number | ScaleTarget): Promise<void> {
    const jobs = jobsFor(target, this.#parts.job);
    await this.#reconciler.ask({ type: "scale", jobs });
  }

  /**
   * Resolves when at least so many workers are registered.
   *
   * @param count - default: all that are wanted
   * @throws WorkersNotStartedError as soon as it is plain that they will not come, with the batch
   *   system's reason, or after the time given
   */
  async waitForWorkers(count = this.nWorkers, options: WaitForWorkersOptions = {}): Promise<void> {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new JobClusterError(`there cannot be ${count} workers to wait for`);
    }
    const { timeoutMs = null, signal } = options;
    await this.#reconciler.ask({ type: "wait", workers: count, timeoutMs }, signal);
  }

  /** Every job that is wanted, waits, runs or leaves, then the last ones that are over. */
  jobs(): JobReport[] {
    const { now, past } = view.jobs(this.#reconciler.state);
    return [...now, ...past];
  }

  /** The ends of the jobs' own output, by the jobs' names. */
  async logs({ jobs, tailBytes = 65_536 }: LogsOptions = {}): Promise<Map<string, string>> {
    const { driver, job } = this.#parts;
    const logs = new Map<string, string>();
    for (const { name, ref } of this.jobs()) {
      if (name === null || ref === null || jobs?.includes(name) === false) continue;
      logs.set(name, await readTail(driver.logFile(job, ref), tailBytes));
    }
    return logs;
  }

  /**
   * Ends workers, jobs and scheduler; resolves when none of its jobs is in the queue. Safe to call
   * again.
   *
   * @param options - `drain`: let running tasks finish first; default: everything ends now
   */
  close({ drain = false }: { readonly drain?: boolean | undefined } = {}): Promise<void> {
    this.#closing ??= this.#close(drain);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drain: boolean): Promise<void> {
    const { scheduler, directory, ownLogs } = this.#parts;
    const { closeMs, closeExtraMs } = shellLimits;
    const drainMs = this.#reconciler.state.limits.drainMs + closeExtraMs;
    const late = AbortSignal.timeout(drain ? drainMs : closeMs);
    const gone = this.#reconciler.ask({ type: "close", drain }, late);
    const isGone = gone.then(
      () => true,
      () => false,
    );
    if (drain) await isGone;
    // It takes its workers along, so that their jobs end by themselves.
    await scheduler.close("the cluster of jobs was closed");
    if (await isGone) this.#watchdog.dismiss();
    else this.#leaveToWatchdog();
    this.#reconciler.stop();
    await this.#feed.close();
    directory.remove();
    if (ownLogs !== null && !this.#hasFailed) rmSync(ownLogs, { recursive: true, force: true });
  }

  #leaveToWatchdog(): void {
    this.#watchdog.takeOver();
    const text = "the queue still has jobs of this cluster: a process beside this one cancels them";
    this.#log({ level: "warn", text });
  }

  #log(entry: LogEntry): void {
    if (entry.level !== "info") this.#hasFailed = true;
    this.emit("log", entry);
    const order = ["info", "warn", "error", "silent"];
    const { logLevel = "warn" } = this.#parts.options;
    if (order.indexOf(entry.level) < order.indexOf(logLevel)) return;
    process.stderr.write(`${this.constructor.name}: ${entry.text}\n`);
  }
}
