// Drives the core of one map: reads calls from the source, sends tasks, opens what they report, and
// hands outcomes on as they come. It does not know what becomes of them.
import { setTimeout as sleep } from "node:timers/promises";
import { TurnLoop } from "@acme/comm";
import { decodeValue } from "@acme/serialize";
import type { Client } from "../../client.js";
import type { CallSource, Row } from "../call-source.js";
import type { CallsReport, Whereabouts } from "../calls/run-each.js";
import {
  type CallEnd,
  type MapEnd,
  type MapEvent,
  type MapOutbox,
  type MapRules,
  newOutbox,
  newState,
  type Outcome,
  type Retry,
  step,
  type TaskId,
  validate,
} from "../core/index.js";
import { mapLimits } from "../map-limits.js";
import { Faults } from "./faults.js";
import { type SenderOptions, TaskSender } from "./task-sender.js";

/** An outcome with what belongs to it: a result as it came back, or a {@link FailedCall}. */
export interface CallOutcome extends Outcome {
  /** Undefined for a call that failed, or was done before. */
  readonly durationMs: number | undefined;
  readonly where: Whereabouts | undefined;
  /** The own values of the call. */
  readonly row: Row | undefined;
}

export interface EngineOptions {
  readonly source: CallSource;
  readonly rules: MapRules;
  readonly sending: Pick<SenderOptions, "task" | "shared" | "prefix" | "options" | "python">;
  /** The result that is there already, if there is one. */
  readonly known: (index: number) => unknown;
  readonly onOutcomes: (outcomes: readonly CallOutcome[]) => void;
  /** What a call wrote, if that is to be shown. */
  readonly onLog: (index: number, text: string) => void;
  readonly onRetries: (retries: readonly Retry[]) => void;
  /** Something was sent. */
  readonly onBegin: () => void;
  /** There is nobody to make calls as yet. */
  readonly onNoWorkers: () => void;
}

/** What goes through the core with a call that is done. */
interface Payload {
  readonly value: unknown;
  readonly durationMs?: number;
  readonly where?: Whereabouts;
}

export class MapEngine {
  readonly #client: Client;
  readonly #faults: Faults;
  readonly #options: EngineOptions;
  readonly #sender: TaskSender;
  readonly #loop: TurnLoop<MapEvent, MapOutbox>;
  readonly #ended: Promise<MapEnd>;
  /** Own values of the calls on their way, and which calls a task makes. */
  readonly #rows = new Map<number, Row>();
  readonly #indexes = new Map<TaskId, readonly number[]>();
  #resolve: (end: MapEnd) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #nextIndex = 0;
  #wanted = 0;
  #isReading = false;
  readonly #over = new AbortController();

  constructor(client: Client, options: EngineOptions) {
    this.#client = client;
    this.#faults = new Faults(client);
    this.#options = options;
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#sender = new TaskSender(client, {
      ...options.sending,
      onReport: (taskId, report) => this.#reported(taskId, report),
      onFailure: (taskId, error) => void this.#taskFailed(taskId, error),
      onFatal: (error) => this.#fail(error),
      onPacked: (bytesPerCall) => this.#packed(bytesPerCall),
    });
    const state = newState(options.rules);
    const validates = process.env.ACME_VALIDATE === "1";
    this.#loop = new TurnLoop({
      step: (events, nowMs) => {
        const out = newOutbox();
        step(state, events, nowMs, out);
        if (validates) validate(state);
        return out;
      },
      act: (out) => this.#carryOut(out),
      onCrash: (error) => this.#fail(error),
    });
  }

  /**
   * Makes all calls.
   *
   * @param signal - ends it early: `cancelled`
   * @throws FunctionShipError, ClientClosedError; what the source throws, or a callback
   */
  async run(signal: AbortSignal): Promise<MapEnd> {
    const cancel = () => this.#loop.post({ type: "cancel" });
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    this.#loop.wake();
    void this.#countSlots();
    try {
      return await this.#ended;
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#over.abort();
      this.#loop.stop();
      this.#sender.close();
      await this.#options.source.close();
    }
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Outcomes were taken, so that others may come. */
  taken(count: number): void {
    const { last } = this.#loop;
    if (last?.type === "taken") last.count += count;
    else this.#loop.post({ type: "taken", count });
  }

  /** Clusters grow while calls wait, and shrink; this is only to send the right amount. */
  async #countSlots(): Promise<void> {
    const { slotsMs, firstSlotsMs, noWorkersMs } = mapLimits;
    const startMs = performance.now();
    let isTold = false;
    try {
      while (!this.#isOver) {
        const threads = [...(await this.#client.ncores()).values()];
        const isEmpty = threads.length === 0;
        if (isEmpty && !isTold && !this.#isOver && performance.now() - startMs > noWorkersMs) {
          this.#options.onNoWorkers();
          isTold = true;
        }
        this.#loop.post({ type: "slots", count: threads.reduce((sum, one) => sum + one, 0) });
        const waitMs = isEmpty ? firstSlotsMs : slotsMs;
        await sleep(waitMs, undefined, { ref: false, signal: this.#over.signal });
      }
    } catch {
      // It is over, or whoever sends will notice that there is no scheduler.
    }
  }

  #carryOut(out: MapOutbox): void {
    if (out.cancel.length > 0) this.#sender.cancel(out.cancel);
    if (out.send.length > 0) {
      for (const { taskId, indexes } of out.send) this.#indexes.set(taskId, indexes);
      this.#sender.send(out.send, (index) => this.#rows.get(index) as Row);
    }
    if (out.retries.length > 0) this.#options.onRetries(out.retries);
    if (out.outcomes.length > 0) this.#options.onOutcomes(out.outcomes.map(this.#finish));
    if (out.pull > 0) this.#read(out.pull);
    if (out.end !== null) this.#resolve(out.end);
  }

  readonly #finish = (outcome: Outcome): CallOutcome => {
    const { index, status, payload } = outcome;
    const row = this.#rows.get(index);
    this.#rows.delete(index);
    if (status === "failed") return { ...outcome, durationMs: undefined, where: undefined, row };
    const { value, durationMs, where } = payload as Payload;
    return { index, status, attempts: outcome.attempts, payload: value, durationMs, where, row };
  };

  #read(count: number): void {
    this.#wanted += count;
    if (this.#isReading) return;
    this.#isReading = true;
    const reading = this.#options.source.isAsync ? this.#readLater() : this.#readNow();
    reading.catch((error: unknown) => this.#fail(error));
  }

  async #readNow(): Promise<void> {
    const count = this.#wanted;
    this.#wanted = 0;
    this.#isReading = false;
    const rows = this.#options.source.take(count);
    this.#arrived(rows);
    if (rows.length < count) this.#loop.post({ type: "source-ended" });
  }

  async #readLater(): Promise<void> {
    while (this.#wanted > 0 && !this.#isOver) {
      const row = await this.#options.source.next();
      if (row === undefined) {
        this.#loop.post({ type: "source-ended" });
        return;
      }
      this.#wanted -= 1;
      this.#arrived([row]);
    }
    this.#isReading = false;
  }

  #arrived(rows: readonly Row[]): void {
    const indexes: number[] = [];
    const ends: { index: number; payload: Payload }[] = [];
    for (const row of rows) {
      const index = this.#nextIndex++;
      const value = this.#options.known(index);
      if (value !== undefined) ends.push({ index, payload: { value } });
      else {
        this.#rows.set(index, row);
        indexes.push(index);
      }
    }
    if (ends.length > 0) this.#loop.post({ type: "known", ends, pulled: ends.length });
    this.#loop.post({ type: "arrived", indexes, pulled: indexes.length });
  }

  #packed(bytesPerCall: number): void {
    this.#options.onBegin();
    this.#loop.post({ type: "packed", bytesPerCall });
  }

  #reported(taskId: TaskId, report: CallsReport): void {
    const indexes = this.#indexes.get(taskId) ?? [];
    this.#indexes.delete(taskId);
    const failures = new Map(report.failures.map((failure) => [failure.at, failure]));
    const { where } = report;
    for (const { at, text } of report.logs) this.#options.onLog(indexes[at] as number, text);
    const encoded = new Map(report.encoded.map(({ at, frames }) => [at, frames]));
    const ends = indexes.map((index, at): CallEnd => {
      const durationMs = report.durationsMs[at] ?? 0;
      const failure = failures.get(at);
      if (failure !== undefined) {
        return { index, ok: false, durationMs, fault: this.#faults.ofCall(failure, where) };
      }
      const frames = encoded.get(at);
      const value = frames === undefined ? report.values[at] : decodeValue(frames);
      return { index, ok: true, durationMs, payload: { value, durationMs, where } };
    });
    this.#loop.post({ type: "task-ended", taskId, ends });
  }

  async #taskFailed(taskId: TaskId, error: Error): Promise<void> {
    if (this.#sender.isCut) return this.#fail(error);
    this.#indexes.delete(taskId);
    try {
      this.#loop.post({ type: "task-failed", taskId, fault: await this.#faults.ofTask(error) });
    } catch (unasked) {
      this.#fail(unasked);
    }
  }

  #fail(error: unknown): void {
    this.#reject(error);
  }
}
