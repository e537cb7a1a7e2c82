// A cluster on this machine: a scheduler in a thread of this process, and worker processes that
// nannies in this process restart. Loads scheduler and worker code only when one is started.
import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import type { Security } from "@acme/comm";
import type { SchedulerServer } from "@acme/scheduler/host";
import type { NannyServer, WorkerServerOptions } from "@acme/worker/nanny";
import type { Cluster } from "./cluster.js";
import { DirectoryEntry } from "./directory-entry.js";
import { clusterLimits } from "./limits.js";
import {
  checkCount,
  LocalClusterError,
  memoryLimitBytes,
  type Shape,
  shapeOf,
} from "./local-shape.js";
import type { PythonWorkers, PythonWorkersOptions } from "./python-workers.js";

/** How to start a local cluster. */
export interface LocalClusterOptions {
  /** Worker processes; default: one per core. */
  nWorkers?: number | undefined;
  /** Tasks that each worker runs at once; default: so that all cores are used. */
  threadsPerWorker?: number | undefined;
  /** Of each worker, such as `"4 GiB"`; default: an equal share of the machine; 0: no limit. */
  memoryLimit?: string | number | undefined;
  /** Below which values that do not fit in memory go; default: one folder per user, below /tmp. */
  localDirectory?: string | undefined;
  /** Unmodified `dask worker`s beside ours, such as `{ workers: 2 }`; default: none. */
  python?: PythonWorkersOptions | undefined;
  /** What each worker has of each named resource. */
  resources?: Readonly<Record<string, number>> | undefined;
  /**
   * true (default): connections are encrypted, with certificates made for this cluster alone. Or
   * certificates of your own. false: plaintext, so that everybody on this machine can run code as
   * you.
   */
  security?: boolean | Security | undefined;
  /** Default `"warn"`. */
  logLevel?: "debug" | "info" | "warn" | "error" | "silent" | undefined;
  /** Check every step of scheduler and workers; slow. */
  validate?: boolean | undefined;
}

/** What all workers of a cluster have in common, before there is a scheduler. */
type WorkerTemplate = Omit<WorkerServerOptions, "name" | "scheduler">;

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
  /** What clients and workers need to get in; undefined if connections are not encrypted. */
  readonly security: Security | undefined;
  readonly #scheduler: SchedulerServer;
  readonly #worker: WorkerTemplate;
  readonly #entry: DirectoryEntry | undefined;
  readonly #nannies: NannyServer[] = [];
  #python: PythonWorkers | undefined;
  #started = 0;
  /** The last change of size; changes follow each other. */
  #scaling: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(scheduler: SchedulerServer, worker: WorkerTemplate) {
    this.#scheduler = scheduler;
    this.#worker = worker;
    this.security = worker.security;
    this.#entry = worker.security && new DirectoryEntry(scheduler, worker.security);
    void scheduler.ended.then(({ reason, error }) => {
      if (this.#closing !== undefined) return;
      if (error !== undefined) {
        process.emitWarning(`The scheduler of a local cluster ended: ${reason}`, "AcmeWarning");
      }
      void this.close();
    });
  }

  /**
   * Starts scheduler and worker processes. Workers may still be registering when this resolves;
   * tasks wait for them.
   *
   * @throws LocalClusterError if the options make no sense, SchedulerStartError, WorkFolderError
   */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    const shape = shapeOf(options, availableParallelism());
    // Worker processes load their code while everything that they wait for comes into being.
    const spares = await spawnWorkers(shape.nWorkers);
    try {
      return await LocalCluster.#startAround(spares, options, shape);
    } finally {
      for (const spare of spares) spare.disconnect();
    }
  }

  /** Takes those of the spares that become workers. */
  static async #startAround(
    spares: ChildProcess[],
    options: LocalClusterOptions,
    shape: Shape,
  ): Promise<LocalCluster> {
    const { logLevel = "warn", validate } = options;
    const security = await securityOf(options);
    const listen = [listenAddress(security)];
    // The scheduler's thread starts while this one loads the code of nannies.
    const { hostScheduler } = await import("@acme/scheduler/host");
    const starting = hostScheduler({ listen, security, logLevel, validate });
    starting.catch(() => {});
    let worker: WorkerTemplate;
    try {
      worker = await workerTemplate(options, shape, security);
    } catch (error) {
      await (await starting).close("the cluster could not start");
      throw error;
    }
    const cluster = new LocalCluster(await starting, worker);
    try {
      mkdirSync(worker.localDirectory, { mode: 0o700 });
      const { python } = options;
      const [pythonWorkers] = await Promise.all([
        python === undefined ? undefined : startPython(python, cluster, worker.localDirectory),
        cluster.#scale(shape.nWorkers, spares),
      ]);
      cluster.#python = pythonWorkers;
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  get schedulerAddress(): string {
    return this.#scheduler.address;
  }

  get nWorkers(): number {
    return this.#nannies.length;
  }

  /** Process id of the command that runs the Python workers, if there are any now. */
  get pythonPid(): number | undefined {
    return this.#python?.pid;
  }

  /** Process ids of the workers that run now. */
  get workerPids(): number[] {
    return this.#nannies.flatMap((nanny) => nanny.workerPid ?? []);
  }

  /**
   * Starts workers, or lets the last ones finish and hand over, until there are this many.
   *
   * @throws LocalClusterError if the number makes no sense or the cluster is closed
   */
  scale(nWorkers: number): Promise<void> {
    const scaling = this.#scaling.then(() => this.#scale(nWorkers));
    this.#scaling = scaling.catch(() => {});
    return scaling;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #scale(nWorkers: number, spares: ChildProcess[] = []): Promise<void> {
    checkCount("nWorkers", nWorkers, 0);
    if (this.#closing !== undefined) {
      throw new LocalClusterError("the cluster is closed: start another one");
    }
    const leaving = this.#nannies.splice(nWorkers);
    const { leaveGraceMs, leaveExtraMs } = clusterLimits;
    for (const nanny of leaving) nanny.leave(leaveGraceMs + leaveExtraMs);
    const missing = Math.max(0, nWorkers - this.#nannies.length);
    await Promise.all(Array.from({ length: missing }, () => this.#startWorker(spares.pop())));
    await Promise.all(leaving.map((nanny) => nanny.ended));
  }

  async #startWorker(spare: ChildProcess | undefined): Promise<void> {
    const { startNanny } = await import("@acme/worker/nanny");
    const name = `local-${this.#started}`;
    this.#started += 1;
    const nanny = await startNanny({
      listen: this.#worker.listen,
      security: this.security,
      entry: workerEntry(),
      spare,
      worker: { ...this.#worker, name, scheduler: this.#scheduler.address },
    });
    this.#nannies.push(nanny);
    // One that gave up is not there any more: the next `scale` makes up for it.
    void nanny.ended.then(() => {
      const index = this.#nannies.indexOf(nanny);
      if (index >= 0) this.#nannies.splice(index, 1);
    });
  }

  /** Nothing is handed over: the whole cluster ends. The scheduler takes its workers along. */
  async #close(): Promise<void> {
    await this.#scaling;
    const nannies = [...this.#nannies];
    await this.#scheduler.close("the local cluster was closed");
    for (const nanny of nannies) nanny.leave(clusterLimits.closeGraceMs);
    await Promise.all([this.#python?.close(), ...nannies.map((nanny) => nanny.ended)]);
    await this.#entry?.remove();
    await rm(this.#worker.localDirectory, { recursive: true, force: true }).catch(() => {});
  }
}

/** @throws LocalClusterError */
async function startPython(
  options: PythonWorkersOptions,
  { schedulerAddress, security }: LocalCluster,
  localDirectory: string,
): Promise<PythonWorkers> {
  const { PythonWorkers } = await import("./python-workers.js");
  return PythonWorkers.start(options, { schedulerAddress, security, localDirectory });
}

const workerEntry = (): string =>
  createRequire(import.meta.url).resolve("@acme/worker/worker-process");

async function spawnWorkers(count: number): Promise<ChildProcess[]> {
  const { spawnWorker } = await import("@acme/worker/spawn");
  const entry = workerEntry();
  return Array.from({ length: count }, () => spawnWorker(entry));
}

/** Made in memory, within milliseconds: everything else waits for them. */
async function securityOf({ security = true }: LocalClusterOptions): Promise<Security | undefined> {
  if (security !== true) return security === false ? undefined : security;
  const { makeCertificates } = await import("@acme/credentials/certificates");
  return makeCertificates("local");
}

const listenAddress = (security: Security | undefined): string =>
  `${security === undefined ? "tcp" : "tls"}://127.0.0.1:0`;

/** @throws LocalClusterError, WorkFolderError */
async function workerTemplate(
  options: LocalClusterOptions,
  shape: Shape,
  security: Security | undefined,
): Promise<WorkerTemplate> {
  const { claimWorkFolder, defaultWorkFolder, machineMemoryBytes } = await import(
    "@acme/worker/nanny"
  );
  return {
    listen: listenAddress(security),
    security,
    nthreads: shape.threadsPerWorker,
    memoryLimitBytes: memoryLimitBytes(options.memoryLimit, shape, machineMemoryBytes()),
    localDirectory: claimWorkFolder(options.localDirectory ?? defaultWorkFolder(), "cluster"),
    resources: options.resources ?? {},
    nanny: null,
    logLevel: options.logLevel ?? "warn",
    validate: options.validate,
    leaveGraceMs: clusterLimits.leaveGraceMs,
  };
}
