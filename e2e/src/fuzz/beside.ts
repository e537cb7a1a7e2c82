// The good client seen from outside: starts its process, asks what it has seen, ends it. What is
// sent to the others meanwhile it does not know.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GoodClientReport, GoodClientTask } from "./good-client.js";

const program = fileURLToPath(new URL("../../dist/fuzz/good-client.js", import.meta.url));

/** In a harsh run its workers may be gone, and its map waits for ever. */
const endMs = 3_000;

/** How long things took, in milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export class GoodClient {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(task: GoodClientTask): Promise<GoodClient> {
    const child = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.send(task);
    await once(child, "message");
    return new GoodClient(child);
  }

  /** What it has seen since the last time. */
  async report(): Promise<GoodClientReport> {
    this.#child.send("report");
    const [report] = (await once(this.#child, "message")) as [GoodClientReport];
    return report;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.send("close");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), endMs);
    await ended;
    clearTimeout(timer);
  }
}

export function latencyOf(values: readonly number[]): Latency {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(10 * (sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0)) /
    10;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
