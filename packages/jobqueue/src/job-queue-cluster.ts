// A cluster whose workers are jobs of a batch system: what users hold in their hands. How many jobs
// there are, and what becomes of each, is decided in the core.
import { EventEmitter } from "node:events";
import { rmSync } from "node:fs";
import type { Cluster } from "@acme/cluster";
import type { Security } from "@acme/comm";
import { isAcmeError } from "@acme/protocol";
import { type Adaptive, type AdaptOptions, rulesFor } from "./adapt-options.js";
import type { ClusterParts } from "./cluster-parts.js";
import { type AdaptRules, type JobReport, view } from "./core/index.js";
import { ClusterClosedError, JobClusterError } from "./errors.js";
import { jobsFor, type ScaleTarget } from "./scale-target.js";
import { type ClusterContact, leaveCluster } from "./scheduler/detached-file.js";
import { contactOf, savedFrom } from "./scheduler/leaving.js";
import { type ClusterEvent, EventQueue } from "./shell/event-queue.js";
import { shellLimits } from "./shell/limits.js";
import { readTail } from "./shell/log-tail.js";
import { type LogEntry, Reconciler } from "./shell/reconciler.js";
import type { Watchdog } from "./shell/watchdog.js";
import { WorkerFeed } from "./shell/worker-feed.js";

/** What a cluster of jobs tells while it lives. */
export interface JobQueueEvents {
  /** Whatever happens, as `events()` gives it. */
  event: [event: ClusterEvent];
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
  readonly #readers = new Set<EventQueue>();
  #adaptive: Adaptive | undefined;
  /** What concerns the size takes effect in the order of the calls. */
  #resized: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #hasFailed = false;
  #isOver = false;

  /** Use `start()` of a batch system's own class. */
  protected constructor(parts: ClusterParts) {
    super();
    this.#parts = parts;
    const { driver, job, script, commands, scheduler, options } = parts;
    this.#feed = new WorkerFeed(scheduler.address, parts.security);
    this.#watchdog = parts.watchdog;
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
      onChanged: (job) => {
        this.emit("job", job);
        this.#tell({ type: "job", job, atMs: Date.now() });
      },
      onNews: (news) => this.#tell({ ...news, atMs: Date.now() }),
      onLog: (entry) => this.#log(entry),
    });
    if (parts.adopted !== null) this.#reconciler.adopt(parts.adopted);
    void scheduler.ended.then(({ reason }) => {
      if (this.#closing !== undefined) return;
      const message = `the scheduler ended: ${reason}`;
      this.#log({ level: "error", text: message });
      this.#tell({ type: "error", code: "SCHEDULER_ENDED", message, atMs: Date.now() });
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
   * @param target - a number of workers, or `{ workers, jobs, cores, memory }`: whole jobs, and of
   *   several wishes the largest
   * @returns when the jobs are submitted; see {@link waitForWorkers}
   * @throws SubmitError with what the batch system said and the script; JobClusterError,
   *   ClusterClosedError
   */
  async scale(target: number | ScaleTarget): Promise<void> {
    const jobs = jobsFor(target, this.#parts.job);
    this.#adaptive = undefined;
    this.#resized = this.#resized.then(() => this.#reconciler.weigh(jobs));
    await this.#resized;
    await this.#reconciler.ask({ type: "scale", jobs });
  }

  /**
   * Lets the number of jobs follow the work until `stop()` of what this returns, or until the next
   * `scale()`. It grows as soon as there is more to do than can be done in `targetDurationMs`; it
   * shrinks late, by jobs that are idle, as a whole, after their workers have handed over every
   * result that only they hold. Jobs that wait in the queue count. If SLURM says that the request
   * can never run, or if jobs fail one after another, nothing more is submitted; `waitForWorkers`
   * and an `error` event say why.
   *
   * @param options - bounds in workers, jobs, cores or memory, and how eager it is
   * @throws JobClusterError, ClusterClosedError
   * @example
   * ```ts
   * const adaptive = cluster.adapt({ minimum: 2, maximumJobs: 20 });
   * await map.compute({ client });
   * adaptive.stop();
   * ```
   */
  adapt(options: AdaptOptions = {}): Adaptive {
    const rules = rulesFor(options, this.#parts.job);
    if (this.#closing !== undefined) throw new ClusterClosedError("The cluster is closed");
    this.#follow(rules);
    const isActive = () => this.#adaptive === adaptive && this.#closing === undefined;
    const adaptive: Adaptive = {
      get isActive() {
        return isActive();
      },
      stop: () => {
        if (!isActive()) return;
        this.#adaptive = undefined;
        this.#follow(null);
      },
    };
    this.#adaptive = adaptive;
    return adaptive;
  }

  /**
   * What happens from now on, until the cluster is closed. A reader who is much too slow is told by
   * a `missed` event how many are lost.
   *
   * @param options - `signal`: ends it earlier
   * @example
   * ```ts
   * for await (const event of cluster.events({ signal })) {
   *   if (event.type === "job") console.log(event.job.name, event.job.phase, event.job.reason);
   * }
   * ```
   */
  events(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<ClusterEvent, undefined> {
    const queue = new EventQueue((one) => this.#readers.delete(one), options.signal);
    if (this.#isOver) queue.end();
    else if (!options.signal?.aborted) this.#readers.add(queue);
    return queue;
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
   * Leaves the cluster to itself: jobs and scheduler go on when this process ends, and clients stay
   * connected. What is being submitted or cancelled is waited for. Until a process attaches, lost
   * jobs are not replaced; when the scheduler ends, all jobs are cancelled.
   *
   * @param options - `signal`: gives up, and everything stays as it was
   * @returns what `attach()` of the same class takes, in any process of this user; plain data
   * @throws DetachError if the scheduler would end with this process, ClusterClosedError
   * @example
   * ```ts
   * const cluster = await SLURMCluster.start({ cores: 4, scheduler: { in: "job" }, nWorkers: 10 });
   * const contact = await cluster.detach();
   * const again = await SLURMCluster.attach(contact);
   * await again.close();
   * ```
   */
  async detach({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<ClusterContact> {
    if (this.#closing !== undefined) throw new ClusterClosedError("The cluster is closed");
    const contact = contactOf(this.#parts);
    await this.#reconciler.ask({ type: "detach" }, signal);
    this.#closing = Promise.resolve();
    this.#reconciler.stop();
    const { state } = this.#reconciler;
    const jobs = { wantedJobs: state.wantedJobs, refs: view.refs(state) };
    const marker = leaveCluster(savedFrom(this.#parts, contact, jobs));
    const { scheduler } = this.#parts;
    this.#watchdog.detach({ marker, directory: contact.folder, scheduler: scheduler.ref });
    await Promise.all([this.#feed.close(), scheduler.release()]);
    this.#endEvents();
    return contact;
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
    const { directory, ownLogs } = this.#parts;
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
    const closed = await this.#closeScheduler();
    if ((await isGone) && closed) this.#watchdog.dismiss();
    else this.#leaveToWatchdog();
    this.#reconciler.stop();
    await this.#feed.close();
    directory.remove();
    this.#endEvents();
    if (ownLogs !== null && !this.#hasFailed) rmSync(ownLogs, { recursive: true, force: true });
  }

  async #closeScheduler(): Promise<boolean> {
    try {
      await this.#parts.scheduler.close("the cluster of jobs was closed");
      return true;
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#log({ level: "warn", text: error.message });
      return false;
    }
  }

  #leaveToWatchdog(): void {
    this.#watchdog.takeOver();
    const text = "the queue still has jobs of this cluster: a process beside this one cancels them";
    this.#log({ level: "warn", text });
  }

  #endEvents(): void {
    this.#isOver = true;
    for (const reader of [...this.#readers]) reader.end();
  }

  #follow(rules: AdaptRules | null): void {
    this.#resized = this.#resized.then(() => this.#reconciler.adapt(rules));
  }

  #tell(event: ClusterEvent): void {
    this.emit("event", event);
    for (const reader of this.#readers) reader.push(event);
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
