// A cluster on this machine: a scheduler in a thread of this process, and worker processes that
// nannies in this process restart. Loads scheduler and worker code only when one is started.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseBytes } from "@acme/config/units";
import { AcmeError } from "@acme/protocol";
import type { SchedulerServer } from "@acme/scheduler";
import type { NannyServer } from "@acme/worker";
import type { Cluster } from "./cluster.js";
import { clusterLimits } from "./limits.js";

/** How to start a local cluster. */
export interface LocalClusterOptions {
  /** Worker processes; default: one per core. */
  nWorkers?: number | undefined;
  /** Tasks that each worker runs at once; default: so that all cores are used. */
  threadsPerWorker?: number | undefined;
  /** Of each worker, such as `"4 GiB"`; default: an equal share of the machine; 0: no limit. */
  memoryLimit?: string | number | undefined;
  /** Below which values that do not fit in memory go; default: the system's temporary folder. */
  localDirectory?: string | undefined;
  /** What each worker has of each named resource. */
  resources?: Readonly<Record<string, number>> | undefined;
  /** Default `"warn"`. */
  logLevel?: "debug" | "info" | "warn" | "error" | "silent" | undefined;
  /** Check every step of scheduler and workers; slow. */
  validate?: boolean | undefined;
}

/** The local cluster cannot be started as asked. */
export class LocalClusterError extends AcmeError {
  readonly code = "LOCAL_CLUSTER";
}

interface Shape {
  readonly nWorkers: number;
  readonly threadsPerWorker: number;
}

/**
 * A scheduler and workers on this machine.
 *
 * @example
 * ```ts
 * const cluster = await LocalCluster.start({ nWorkers: 2 });
 * const client = await Client.connect(cluster);
 * await client.close();
 * await cluster.close();
 * ```
 */
export class LocalCluster implements Cluster {
  readonly #options: LocalClusterOptions;
  readonly #shape: Shape;
  readonly #scheduler: SchedulerServer;
  readonly #folder: string;
  readonly #nannies: NannyServer[] = [];
  #started = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: LocalClusterOptions, shape: Shape, scheduler: SchedulerServer) {
    this.#options = options;
    this.#shape = shape;
    this.#scheduler = scheduler;
    this.#folder = mkdtempSync(join(options.localDirectory ?? tmpdir(), "acme-local-"));
  }

  /**
   * Starts scheduler and worker processes. Workers may still be registering when this resolves;
   * tasks wait for them.
   *
   * @throws LocalClusterError if the options make no sense, SchedulerStartError
   */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    const shape = shapeOf(options);
    const logLevel = options.logLevel ?? "warn";
    const { hostScheduler } = await import("@acme/scheduler");
    const scheduler = await hostScheduler({ logLevel, validate: options.validate });
    const cluster = new LocalCluster(options, shape, scheduler);
    await cluster.scale(shape.nWorkers);
    return cluster;
  }

  get schedulerAddress(): string {
    return this.#scheduler.address;
  }

  get nWorkers(): number {
    return this.#nannies.length;
  }

  /** Process ids of the workers that run now. */
  get workerPids(): number[] {
    return this.#nannies.flatMap((nanny) => nanny.workerPid ?? []);
  }

  async scale(nWorkers: number): Promise<void> {
    const leaving = this.#nannies.splice(nWorkers);
    for (const nanny of leaving) nanny.leave(clusterLimits.leaveGraceMs);
    const missing = nWorkers - this.#nannies.length;
    const started = Array.from({ length: Math.max(missing, 0) }, () => this.#startWorker());
    this.#nannies.push(...(await Promise.all(started)));
    await Promise.all(leaving.map((nanny) => nanny.ended));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #startWorker(): Promise<NannyServer> {
    const { logLevel = "warn", resources = {}, validate } = this.#options;
    const { startNanny } = await import("@acme/worker");
    const name = `local-${this.#started}`;
    this.#started += 1;
    return startNanny({
      listen: "tcp://127.0.0.1:0",
      entry: createRequire(import.meta.url).resolve("@acme/worker/worker-process"),
      worker: {
        scheduler: this.#scheduler.address,
        listen: "tcp://127.0.0.1:0",
        name,
        nthreads: this.#shape.threadsPerWorker,
        memoryLimitBytes: memoryLimitBytes(this.#options, this.#shape),
        localDirectory: this.#folder,
        resources,
        nanny: null,
        logLevel,
        validate,
      },
    });
  }

  /** Nothing is handed over: the whole cluster ends. */
  async #close(): Promise<void> {
    for (const nanny of this.#nannies) nanny.leave(clusterLimits.closeGraceMs);
    await Promise.all(this.#nannies.map((nanny) => nanny.ended));
    await this.#scheduler.close("the local cluster was closed");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function shapeOf({ nWorkers, threadsPerWorker }: LocalClusterOptions): Shape {
  const cores = availableParallelism();
  const workers = nWorkers ?? Math.max(1, Math.floor(cores / (threadsPerWorker ?? 1)));
  const threads = threadsPerWorker ?? Math.max(1, Math.floor(cores / Math.max(workers, 1)));
  for (const [name, value] of Object.entries({ nWorkers: workers, threadsPerWorker: threads })) {
    if (!Number.isInteger(value) || value < (name === "nWorkers" ? 0 : 1)) {
      throw new LocalClusterError(`${name} must be a positive whole number, not ${value}`);
    }
  }
  return { nWorkers: workers, threadsPerWorker: threads };
}

function memoryLimitBytes(
  { memoryLimit }: LocalClusterOptions,
  { nWorkers }: Shape,
): number | null {
  if (memoryLimit === undefined) return Math.floor(totalmem() / Math.max(nWorkers, 1));
  const bytes = parseBytes(memoryLimit, { wholeBytes: totalmem() });
  return bytes === 0 ? null : bytes;
}
