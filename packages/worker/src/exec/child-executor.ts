// An executor in a child process: for native code, and for tasks that may kill what runs them.
// Batches go over a pipe of its own, so that its stdout and stderr stay its own too.
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { BatchWriter, passFrame } from "./batch.js";
import { batchParser, writeBatch } from "./batch-stream.js";
import { entryFiles, inheritedExecArgv } from "./entry-files.js";
import type { Executor, ExecutorExit, ExecutorListener } from "./executor.js";
import { readReports } from "./reports.js";
import type { SlotEnvironment } from "./slot-devices.js";
import type { StartOptions } from "./thread-executor.js";

const bytesPerMb = 2 ** 20;

/** Starts a child process. */
export class ChildExecutor implements Executor {
  readonly kind = "process";
  readonly capacity = 1;
  readonly cells = null;
  readonly writer: BatchWriter;
  readonly #options: StartOptions;
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  #listener: ExecutorListener | undefined;
  #onOutput: (chunk: Uint8Array) => void = () => {};
  #isReady = false;
  #hasExited = false;
  #stderrTail = Buffer.alloc(0);
  #failure: Error | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(options: StartOptions, environment: SlotEnvironment) {
    const { limits, memoryLimitBytes } = options;
    this.#options = options;
    this.writer = new BatchWriter(passFrame, limits.sharedFrameBytes);
    const heap =
      memoryLimitBytes === undefined
        ? []
        : [`--max-old-space-size=${Math.max(16, Math.floor(memoryLimitBytes / bytesPerMb))}`];
    const settings = [options.workerAddress, limits.sharedFrameBytes, limits.yieldMs].map(String);
    const args = [...inheritedExecArgv(), ...heap, fileURLToPath(entryFiles.process), ...settings];
    this.#child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#pipe = this.#child.stdio[3] as Socket;
    this.#listen();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  attach(listener: ExecutorListener, onOutput: (chunk: Uint8Array) => void): void {
    this.#listener = listener;
    this.#onOutput = onOutput;
  }

  flush(): void {
    if (this.writer.isEmpty) return;
    const batch = this.writer.take();
    if (this.#pipe.writable) writeBatch(this.#pipe, batch);
  }

  /** Nothing of its memory is shared, so its own collector knows best. */
  collectGarbage(): void {}

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  close(): void {
    this.#pipe.end();
    this.#killTimer ??= setTimeout(() => this.kill(), this.#options.limits.cancelGraceMs);
  }

  #listen(): void {
    const child = this.#child;
    const parser = batchParser(
      (batch) => {
        for (const report of readReports(batch)) {
          if (report.type === "ready") this.#isReady = true;
          this.#listener?.onReport(report);
        }
      },
      (byteLength) => new Uint8Array(new SharedArrayBuffer(byteLength)),
    );
    this.#pipe.on("data", (chunk: Uint8Array) => {
      if (this.#failure !== undefined) return;
      try {
        parser.push(chunk);
      } catch (error) {
        // User code wrote to our pipe: nothing after it can be trusted.
        this.#failure = error as Error;
        this.kill();
      }
    });
    // Writing to a child that died meanwhile; its exit tells the rest.
    this.#pipe.on("error", () => {});
    child.stdout?.on("data", (chunk: Uint8Array) => this.#onOutput(chunk));
    child.stderr?.on("data", (chunk: Uint8Array) => this.#onStderr(chunk));
    child.on("error", (error) => {
      this.#failure = error;
      if (child.pid === undefined) this.#onExit(null, null);
    });
    // `close` comes when its pipes are empty too; a grandchild may hold them open for ever.
    child.on("close", (code, signal) => this.#onExit(code, signal));
    child.on("exit", (code, signal) => {
      setTimeout(() => this.#onExit(code, signal), this.#options.limits.drainMs);
    });
  }

  #onStderr(chunk: Uint8Array): void {
    const { stderrTailBytes } = this.#options.limits;
    this.#stderrTail = Buffer.concat([this.#stderrTail, chunk]).subarray(-stderrTailBytes);
    this.#onOutput(chunk);
  }

  #onExit(code: number | null, signal: string | null): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    clearTimeout(this.#killTimer);
    this.#pipe.destroy();
    this.#listener?.onExit(this.#exit(code, signal));
  }

  #exit(code: number | null, signal: string | null): ExecutorExit {
    const who = `the process ${this.#child.pid ?? "that was to run it"}`;
    if (this.#failure !== undefined) {
      const what = `failed: ${this.#failure.message}`;
      return { who, what, advice: "see the log of the worker", death: "failed" };
    }
    const tail = this.#stderrTail.toString("utf8");
    if (/heap limit|out of memory/i.test(tail)) {
      return {
        who,
        what: `ran out of heap memory (${lastLine(tail, /heap limit|out of memory/i)})`,
        advice: "raise --memory-limit, or keep less in arrays and objects at once",
        death: "memory",
      };
    }
    if (signal !== null) {
      const said = tail.trim() === "" ? "" : `; its last words: ${tail.trim().slice(-500)}`;
      return { who, ...endBySignal(signal, said, this.#child.pid) };
    }
    return {
      who,
      what: `ended with exit code ${code ?? "unknown"}`,
      advice: "return or throw instead of calling process.exit()",
      death: "ended",
    };
  }
}

/** Processes that the nanny has ended since they took too much memory. */
const endedForMemory = new Set<number>();

/** The nanny ends a process of this worker, since the worker takes too much memory. */
export function endsForMemory(pid: number): void {
  endedForMemory.add(pid);
}

function endBySignal(
  signal: string,
  said: string,
  pid: number | undefined,
): Omit<ExecutorExit, "who"> {
  if (pid !== undefined && endedForMemory.delete(pid)) {
    const what = `took more memory than its worker may have, and was ended${said}`;
    return { what, advice: "raise --memory-limit, or keep less at once", death: "memory" };
  }
  const what = `was killed by ${signal}${said}`;
  if (signal === "SIGKILL") {
    const advice =
      "if nobody killed it, the machine was out of memory: see dmesg, ask for more memory";
    return { what, advice, death: "killed" };
  }
  const advice = "a native module of the task crashed: run it alone with the same input";
  return { what, advice, death: "crashed" };
}

function lastLine(text: string, pattern: RegExp): string {
  return (
    text
      .split("\n")
      .find((line) => pattern.test(line))
      ?.trim() ?? ""
  );
}
