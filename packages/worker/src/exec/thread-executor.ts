// An executor in a worker thread: starts it with its cells and heap limit, carries batches, and
// tells why it ended. Corresponds to a slot of dask's thread pool, except that it can be killed.
import { Worker } from "node:worker_threads";
import { BatchWriter, shareFrame } from "./batch.js";
import { Cells } from "./cells.js";
import { entryFiles, threadExecArgv } from "./entry-files.js";
import type { Executor, ExecutorExit, ExecutorListener } from "./executor.js";
import type { ExecLimits } from "./limits.js";
import { readReports } from "./reports.js";
import type { SlotEnvironment } from "./slot-devices.js";
import { bell, collect, isBatch, type ThreadData } from "./thread-data.js";

export interface StartOptions {
  readonly limits: ExecLimits;
  readonly memoryLimitBytes: number | undefined;
  readonly workerAddress: string;
}

const bytesPerMb = 2 ** 20;

/** Starts a thread. */
export class ThreadExecutor implements Executor {
  readonly kind = "thread";
  readonly capacity: number;
  readonly cells: Cells;
  readonly writer: BatchWriter;
  readonly #options: StartOptions;
  readonly #worker: Worker;
  #listener: ExecutorListener | undefined;
  #onOutput: (chunk: Uint8Array) => void = () => {};
  #isReady = false;
  /** It was asked to and has not come to it yet. */
  #isCollecting = false;
  #error: unknown;
  #stuckTimer: NodeJS.Timeout | undefined;

  constructor(options: StartOptions, name: string, environment: SlotEnvironment) {
    const { limits } = options;
    this.#options = options;
    this.capacity = limits.cells;
    this.cells = Cells.make(limits.cells, limits.cellBytes);
    this.writer = new BatchWriter(shareFrame, limits.sharedFrameBytes);
    const workerData: ThreadData = {
      cells: this.cells.memory,
      cellBytes: limits.cellBytes,
      sharedFrameBytes: limits.sharedFrameBytes,
      yieldMs: limits.yieldMs,
      quickMs: limits.quickMs,
      ringLaterMs: limits.ringLaterMs,
      workerAddress: options.workerAddress,
      memoryLimitBytes: options.memoryLimitBytes,
    };
    const heapBytes = options.memoryLimitBytes;
    const resourceLimits =
      heapBytes === undefined
        ? {}
        : { maxOldGenerationSizeMb: Math.max(16, Math.floor(heapBytes / bytesPerMb)) };
    const execArgv = threadExecArgv();
    this.#worker = new Worker(entryFiles.thread, {
      ...(execArgv === undefined ? {} : { execArgv }),
      ...(environment === undefined ? {} : { env: { ...process.env, ...environment } }),
      name,
      workerData,
      resourceLimits,
      stdout: true,
      stderr: true,
    });
    this.#listen();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  attach(listener: ExecutorListener, onOutput: (chunk: Uint8Array) => void): void {
    this.#listener = listener;
    this.#onOutput = onOutput;
  }

  flush(): void {
    if (this.writer.isEmpty) return;
    const batch = this.writer.take();
    this.#worker.postMessage(batch, [batch.bytes.buffer as ArrayBuffer]);
  }

  collectGarbage(): void {
    if (this.#isCollecting || !this.#isReady) return;
    this.#isCollecting = true;
    this.#worker.postMessage(collect);
  }

  kill(): void {
    if (this.#stuckTimer !== undefined) return;
    const { stuckMs } = this.#options.limits;
    this.#stuckTimer = setTimeout(() => {
      this.#listener?.onStuck(`a thread did not end within ${stuckMs} ms of being terminated`);
    }, stuckMs);
    void this.#worker.terminate();
  }

  close(): void {
    this.kill();
  }

  #listen(): void {
    const worker = this.#worker;
    worker.on("message", (message: unknown) => this.#onMessage(message));
    worker.on("error", (error) => {
      this.#error = error;
    });
    worker.on("exit", (code) => {
      clearTimeout(this.#stuckTimer);
      this.#listener?.onBell();
      this.#listener?.onExit(this.#exit(code));
    });
    const onOutput = (chunk: Uint8Array) => this.#onOutput(chunk);
    worker.stdout.on("data", onOutput);
    worker.stderr.on("data", onOutput);
  }

  #onMessage(message: unknown): void {
    if (message === bell) {
      this.#listener?.onBell();
      return;
    }
    if (message === collect) this.#isCollecting = false;
    if (!isBatch(message)) return;
    this.#listener?.onBell();
    for (const report of readReports(message)) {
      if (report.type === "ready") this.#isReady = true;
      this.#listener?.onReport(report);
    }
    // What ended in cells behind these may have rung long ago, when it was not its turn yet.
    this.#listener?.onBell();
  }

  #exit(code: number): ExecutorExit {
    const who = "the thread";
    const { code: errorCode } = (this.#error ?? {}) as { code?: unknown };
    if (errorCode === "ERR_WORKER_OUT_OF_MEMORY") {
      const limit = this.#options.memoryLimitBytes;
      const size = limit === undefined ? "" : ` of ${Math.floor(limit / bytesPerMb)} MiB`;
      return {
        who,
        what: `ran out of heap memory${size}`,
        advice: "raise --memory-limit, or keep less in arrays and objects at once",
        death: "memory",
      };
    }
    if (this.#error !== undefined) {
      const { message } = this.#error as Error;
      const advice = "see the log of the worker";
      return { who, what: `failed: ${message}`, advice, death: "failed" };
    }
    return {
      who,
      what: `ended with exit code ${code}`,
      advice: "return or throw instead of calling process.exit()",
      death: "ended",
    };
  }
}
