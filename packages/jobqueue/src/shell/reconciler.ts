// Drives the reconcile loop: turns what it wants done into commands and requests, and their
// outcomes into events. Decides nothing.
import { TurnLoop } from "@acme/comm";
import { ProgramError } from "@acme/protocol";
import type { Adopted } from "../cluster-parts.js";
import {
  type AdaptRules,
  type JobReport,
  type News,
  newOutbox,
  newState,
  type ReconcileEvent,
  type ReconcileLimits,
  type ReconcileOutbox,
  type ReconcileState,
  step,
  view,
} from "../core/index.js";
import type { BatchDriver, JobRef } from "../drivers/driver.js";
import { ClusterClosedError, SubmitError, WorkersNotStartedError } from "../errors.js";
import { type ResolvedJob, threadsPerWorker } from "../options/resolved-job.js";
import type { Commands } from "./commands.js";
import { shellLimits } from "./limits.js";
import { readTail } from "./log-tail.js";
import { QueuePoll } from "./queue-poll.js";
import type { Watchdog } from "./watchdog.js";
import type { WorkerFeed } from "./worker-feed.js";

export interface ReconcilerOptions {
  readonly driver: BatchDriver;
  readonly job: ResolvedJob;
  readonly script: string;
  readonly commands: Commands;
  readonly feed: WorkerFeed;
  readonly watchdog: Watchdog;
  readonly limits: Partial<ReconcileLimits>;
  readonly onChanged: (report: JobReport) => void;
  readonly onNews: (news: News) => void;
  readonly onLog: (entry: LogEntry) => void;
}

export type LogEntry = ReconcileOutbox["log"][number];

type Request = Extract<ReconcileEvent, { requestId: number }>;
type WithoutId<T> = T extends unknown ? Omit<T, "requestId"> : never;

interface Asker {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const nowMs = (): number => performance.timeOrigin + performance.now();

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #state: ReconcileState;
  readonly #loop: TurnLoop<ReconcileEvent, ReconcileOutbox>;
  readonly #askers = new Map<number, Asker>();
  readonly #poll: QueuePoll;
  #requests = 0;
  #submitFailure: unknown;
  #looking: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#poll = new QueuePoll(options.driver, options.commands);
    const { processes, requeue: requeues } = options.job;
    this.#state = newState({ processes, requeues, limits: options.limits });
    this.#loop = new TurnLoop({
      step: (events, now) => {
        const out = newOutbox();
        step(this.#state, events, now, out);
        return out;
      },
      act: (out) => this.#act(out),
      onCrash: (error) => this.#crash(error),
    });
  }

  get state(): ReconcileState {
    return this.#state;
  }

  /** Posts a request; resolves when the core answers it. */
  ask(request: WithoutId<Request>, signal?: AbortSignal | undefined): Promise<void> {
    if (this.#stopped) return Promise.reject(new ClusterClosedError("The cluster is closed"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const requestId = this.#requests;
    this.#requests += 1;
    const gone = () => {
      this.#askers.get(requestId)?.reject(signal?.reason);
      this.#askers.delete(requestId);
      this.#loop.post({ type: "request-gone", requestId });
    };
    signal?.addEventListener("abort", gone, { once: true });
    const answered = new Promise<void>((resolve, reject) => {
      this.#askers.set(requestId, { resolve, reject });
    });
    this.#loop.post({ ...request, requestId } as ReconcileEvent);
    return answered.finally(() => signal?.removeEventListener("abort", gone));
  }

  /** Which jobs go depends on what their workers have to do and to hand over now. */
  async weigh(jobs: number): Promise<void> {
    if (this.#stopped || jobs >= this.#state.slots.size) return;
    const bySlot = await this.#options.feed.look(true).catch(() => null);
    if (bySlot !== null) this.#loop.post({ type: "workers", bySlot });
  }

  /** @param rules - null: the number of jobs stays as it is */
  adapt(rules: AdaptRules | null): void {
    if (!this.#stopped) this.#loop.post({ type: "adapt", rules });
  }

  /** Takes jobs over that another process has left. */
  adopt({ wantedJobs: jobs, refs }: Adopted): void {
    this.#loop.post({ type: "adopt", jobs, refs });
  }

  stop(): void {
    this.#stopped = true;
    this.#loop.stop();
    clearTimeout(this.#looking);
    for (const { reject } of this.#askers.values()) {
      reject(new ClusterClosedError("The cluster is closed"));
    }
    this.#askers.clear();
  }

  #act(out: ReconcileOutbox): void {
    for (const { submission, count } of out.submit) void this.#submit(submission, count);
    if (out.cancel.length > 0) void this.#cancel(out.cancel);
    if (out.retire.length > 0) void this.#retire(out.retire);
    for (const { slot, ref } of out.tail) void this.#tail(slot, ref);
    if (out.poll) void this.#askQueue();
    if (out.wish !== null) void this.#askWish(out.wish);
    if (out.whoGoes !== null) void this.#askWhoGoes(out.whoGoes);
    for (const news of out.news) this.#options.onNews(news);
    for (const entry of out.log) this.#options.onLog(entry);
    for (const report of out.changed) this.#options.onChanged(report);
    this.#reply(out.replies);
    this.#lookSoon();
  }

  async #submit(submission: number, count: number): Promise<void> {
    const { driver, job, commands, script, watchdog } = this.#options;
    watchdog.submitting();
    try {
      const stdout = await commands.run(driver.submit(script, count, job));
      const refs = driver.parseSubmit(stdout, count);
      watchdog.submitted(refs);
      this.#loop.post({ type: "submitted", submission, refs });
    } catch (error) {
      watchdog.submitted([]);
      const transient = (error as { transient?: boolean }).transient === true;
      if (!transient) this.#submitFailure = error;
      const { message } = error as Error;
      this.#loop.post({ type: "submit-failed", submission, transient, message });
    }
  }

  /** A failure shows when the jobs are still there at their deadline, and is mended then. */
  async #cancel(refs: readonly JobRef[]): Promise<void> {
    const { driver, commands, onLog } = this.#options;
    for (const command of driver.cancel(refs)) {
      try {
        await commands.run(command);
      } catch (error) {
        onLog({ level: "warn", text: `jobs were not cancelled: ${(error as Error).message}` });
      }
    }
  }

  /** All in one request, so that nobody hands over to one that leaves as well. */
  async #retire(retirements: ReconcileOutbox["retire"]): Promise<void> {
    const { feed, onLog } = this.#options;
    const workers = retirements.flatMap((one) => one.workers);
    let staying: ReadonlySet<string> = new Set(workers);
    try {
      staying = await feed.retire(workers, this.#state.limits.drainMs);
    } catch (error) {
      onLog({ level: "warn", text: `workers were not retired: ${(error as Error).message}` });
    }
    for (const { slot, workers: members } of retirements) {
      const ok = members.every((address) => !staying.has(address));
      this.#loop.post({ type: "retired", slot, ok });
    }
  }

  async #tail(slot: number, ref: JobRef): Promise<void> {
    const { driver, job } = this.#options;
    const text = await readTail(driver.logFile(job, ref), shellLimits.tailBytes);
    this.#loop.post({ type: "log-tail", slot, text });
  }

  async #askQueue(): Promise<void> {
    const askedMs = nowMs();
    try {
      const statuses = await this.#poll.ask(view.refs(this.#state));
      this.#loop.post({ type: "polled", askedMs, statuses });
    } catch (error) {
      this.#loop.post({ type: "poll-failed", message: (error as Error).message });
    }
  }

  async #askWish(targetDurationMs: number): Promise<void> {
    const { feed, job } = this.#options;
    // While the scheduler is busy the cluster stays as it is.
    const workers = await feed.wish(targetDurationMs, threadsPerWorker(job)).catch(() => null);
    this.#loop.post({ type: "wished", workers });
  }

  async #askWhoGoes(n: number): Promise<void> {
    const workers = await this.#options.feed.whoGoes(n).catch(() => []);
    this.#loop.post({ type: "who-goes", workers });
  }

  #reply(replies: ReconcileOutbox["replies"]): void {
    for (const reply of replies) {
      const asker = this.#askers.get(reply.requestId);
      this.#askers.delete(reply.requestId);
      if (reply.type === "done") asker?.resolve();
      else asker?.reject(this.#errorOf(reply));
    }
  }

  #errorOf({ code, message }: Extract<ReconcileOutbox["replies"][number], { type: "failed" }>) {
    if (code === "SUBMIT_FAILED") {
      return new SubmitError(message, this.#options.script, this.#submitFailure);
    }
    if (code === "CLOSED") return new ClusterClosedError(message);
    return new WorkersNotStartedError(message);
  }

  /** The scheduler is asked for its workers as long as there are jobs that could have some. */
  #lookSoon(): void {
    if (this.#looking !== undefined || this.#stopped || this.#state.slots.size === 0) return;
    const { lookWaitingMs, lookSteadyMs } = shellLimits;
    const pauseMs = view.isExpecting(this.#state) ? lookWaitingMs : lookSteadyMs;
    this.#looking = setTimeout(() => void this.#look(), pauseMs).unref();
  }

  async #look(): Promise<void> {
    try {
      const bySlot = await this.#options.feed.look();
      this.#looking = undefined;
      this.#loop.post({ type: "workers", bySlot });
    } catch {
      // It is busy, or ends; what that means for the cluster is seen by whoever hosts it.
      this.#looking = undefined;
      this.#lookSoon();
    }
  }

  #crash(error: unknown): void {
    this.stop();
    // A mistake of this program: nothing that follows could be trusted.
    setImmediate(() => {
      throw new ProgramError("the reconcile loop of a cluster of jobs failed", { cause: error });
    });
  }
}
