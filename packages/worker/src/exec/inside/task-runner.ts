// Runs orders one after the other inside an executor, thread or child process alike. The one
// place where user code is called. Knows neither what carries its messages nor the scheduler.
import { isAcmeError } from "@acme/protocol";
import { decodeCall } from "@acme/serialize";
import type { Batch } from "../batch.js";
import { type Command, noTemplate, type RunCommand, readCommands } from "../commands.js";
import type { OkReport, Report } from "../reports.js";
import { ForeignTaskError, pythonCall } from "./python-calls.js";
import { errorTexts, isThenable, settle, typename } from "./result-value.js";
import { publishCurrentTask, TaskContext } from "./task-context.js";
import { decodeInputs, encodeResult, errorFor, type Input, inputOf } from "./task-values.js";

/** What a runner needs from the thread or process around it. */
export interface RunnerPort {
  /** False: the order was taken back. */
  claim(cell: number): boolean;
  /** True once the control thread wants the order of this cell stopped. */
  isCancelled(cell: number): boolean;
  /** How the order of a cell ended; told with the next `ring` at the latest. */
  ended(report: Report, cell: number): void;
  /** Tells the control thread of what ended. */
  ring(): void;
  /** No order can be started any more; with the last reports, and the cell of the one that ran. */
  spoilt(reports: readonly Report[], cell: number): void;
  seceded(orderId: number): void;
  /** Buffers of what arrives are private already and need no copy. */
  readonly ownsInputs: boolean;
  readonly workerAddress: string;
  readonly yieldMs: number;
  /** Before a task whose like took less than this, what has ended may wait … */
  readonly quickMs: number;
  /** … for no longer than this. */
  readonly ringLaterMs: number;
}

/** A function, and how long its calls take by experience. */
interface Template {
  readonly frames: readonly Uint8Array[];
  expectedMs: number;
}

interface Queued {
  readonly command: RunCommand;
  readonly inputs: readonly Input[];
}

/** A task's function with its arguments. */
type Call = () => unknown;

interface Running {
  readonly command: RunCommand;
  readonly context: TaskContext;
  startMs: number;
  cancelled: boolean;
  /** Its end was reported; whatever it still does is not. */
  ended: boolean;
}

/** One executor's queue and the task it runs. */
export class TaskRunner {
  readonly #port: RunnerPort;
  readonly #templates = new Map<number, Template>();
  readonly #queue: Queued[] = [];
  #running: Running | undefined;
  #draining = false;
  /** No order is started any more. */
  #closed = false;
  #clockMs = 0;
  #yieldedMs = 0;
  #rungMs = 0;

  constructor(port: RunnerPort) {
    this.#port = port;
    publishCurrentTask(() => this.#running?.context);
  }

  /** Takes a batch of commands; orders in it start at once if nothing runs. */
  receive(batch: Batch): void {
    this.#clockMs = Date.now() - performance.now();
    const inputs: Input[] = [];
    for (const command of readCommands(batch)) this.#take(command, inputs);
    if (!this.#draining) void this.#drain();
  }

  /** An error that no task caught: it belongs to the one that runs; the executor is spoilt. */
  uncaught(error: unknown): void {
    const running = this.#running;
    this.#close();
    if (running === undefined) {
      const { exceptionText, tracebackText } = errorTexts(error);
      this.#port.spoilt([{ type: "stray", text: tracebackText || exceptionText }], -1);
    } else {
      const report = this.#end(running, this.#failure(running, error));
      this.#port.spoilt([report], running.command.cell);
    }
  }

  #take(command: Command, inputs: Input[]): void {
    switch (command.type) {
      case "learn":
        this.#templates.set(command.template, {
          frames: command.frames,
          expectedMs: Number.POSITIVE_INFINITY,
        });
        return;
      case "forget":
        this.#templates.delete(command.template);
        return;
      case "input":
        inputs.push({ command });
        return;
      case "run":
        if (this.#closed) return;
        this.#queue.push({ command, inputs: command.inputs.map((at) => inputs[at] as Input) });
        return;
      case "cancel":
        if (this.#running?.command.orderId !== command.orderId) return;
        this.#running.cancelled = true;
        this.#running.context.abort();
        return;
    }
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    this.#yieldedMs = performance.now();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (!this.#port.claim(next.command.cell)) continue;
      this.#ringBefore(next.command);
      await this.#run(next);
      const nowMs = performance.now();
      if (nowMs - this.#yieldedMs < this.#port.yieldMs) continue;
      this.#ring(nowMs);
      await new Promise((resolve) => setImmediate(resolve));
      this.#yieldedMs = performance.now();
    }
    this.#draining = false;
    this.#port.ring();
  }

  // Each ring wakes the control thread and becomes a message to the scheduler: too much for each of
  // many quick tasks. Should one of them take long all the same, the control thread looks by itself.
  #ringBefore(command: RunCommand): void {
    const expectedMs = this.#templates.get(command.template)?.expectedMs ?? 0;
    const nowMs = performance.now();
    if (expectedMs < this.#port.quickMs && nowMs - this.#rungMs < this.#port.ringLaterMs) return;
    this.#ring(nowMs);
  }

  #ring(nowMs: number): void {
    this.#rungMs = nowMs;
    this.#port.ring();
  }

  async #run(queued: Queued): Promise<void> {
    const running = this.#start(queued.command);
    let report: Report;
    try {
      report = await this.#call(running, queued.inputs);
    } catch (error) {
      report = this.#failure(running, error);
    }
    if (!running.ended) this.#port.ended(this.#end(running, report), queued.command.cell);
  }

  #start(command: RunCommand): Running {
    const { key } = command;
    const running: Running = {
      command,
      context: new TaskContext(key, this.#port.workerAddress, {
        isCancelled: () => this.#isCancelled(running),
        secede: () => this.#secede(running),
      }),
      startMs: this.#nowMs(),
      cancelled: false,
      ended: false,
    };
    this.#running = running;
    return running;
  }

  async #call(running: Running, inputs: readonly Input[]): Promise<OkReport> {
    const { command } = running;
    const { ownsInputs } = this.#port;
    const values = inputs.length === 0 ? noValues : await decodeInputs(inputs, ownsInputs);
    const resolveRef = (key: string) => inputOf(values, key, command.key);
    const prepared =
      command.template === noTemplate
        ? pythonCall(command, resolveRef)
        : this.#nativeCall(command, resolveRef);
    const call = isThenable(prepared) ? await this.#wait(prepared) : prepared;
    if (this.#isCancelled(running)) throw new Error("cancelled before it began");
    running.startMs = this.#nowMs();
    const settled = settle(call(), () => this.#isCancelled(running));
    const value: unknown = isThenable(settled) ? await this.#wait(settled) : settled;
    const encoded = await encodeResult(command, value);
    const stopMs = this.#nowMs();
    const template = this.#templates.get(command.template);
    if (template !== undefined) template.expectedMs = stopMs - running.startMs;
    return {
      type: "ok",
      orderId: command.orderId,
      typename: typename(value),
      startMs: running.startMs,
      stopMs,
      form: encoded.form,
      frames: encoded.frames,
    };
  }

  #nativeCall(command: RunCommand, resolveRef: (key: string) => unknown): Call | PromiseLike<Call> {
    const template = this.#templates.get(command.template);
    if (template === undefined) {
      throw new Error(`the function of task ${command.key} was never sent to this executor`);
    }
    const decoded = decodeCall(template.frames, command.items, { resolveRef });
    if (isThenable(decoded))
      return decoded.then(
        ({ fn, args }) =>
          () =>
            fn(...args),
      );
    const { fn, args } = decoded;
    return () => fn(...args);
  }

  /** While a task waits, what has ended before it does not. */
  #wait<T>(promise: PromiseLike<T>): PromiseLike<T> {
    this.#port.ring();
    return promise;
  }

  #failure(running: Running, error: unknown): Report {
    const { command, startMs } = running;
    const { orderId } = command;
    if (isAcmeError(error, "RESCHEDULE")) return { type: "rescheduled", orderId };
    const type = error instanceof ForeignTaskError ? "foreign" : "error";
    const { form, frames } = errorFor(command, error);
    const stopMs = this.#nowMs();
    return { type, orderId, ...errorTexts(error), startMs, stopMs, form, frames };
  }

  /** The task is over; gives what is to be told of it. */
  #end(running: Running, report: Report): Report {
    running.ended = true;
    if (this.#running === running) this.#running = undefined;
    const { orderId } = running.command;
    return this.#isCancelled(running) ? { type: "aborted", orderId } : report;
  }

  #isCancelled(running: Running): boolean {
    return running.cancelled || this.#port.isCancelled(running.command.cell);
  }

  #secede(running: Running): void {
    if (running.ended || this.#closed) return;
    this.#close();
    this.#port.seceded(running.command.orderId);
  }

  #close(): void {
    this.#closed = true;
    this.#queue.length = 0;
  }

  #nowMs(): number {
    return this.#clockMs + performance.now();
  }
}

const noValues: ReadonlyMap<string, unknown> = new Map();
