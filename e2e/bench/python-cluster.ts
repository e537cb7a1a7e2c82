// A scheduler, dask's or ours, and the same unmodified Python workers at either, over TLS or in
// plaintext. Programs find it by their environment alone. Which is better is for others to say.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Incumbent } from "./incumbent.js";
import { BenchProcess, type Command } from "./process.js";
import type { TlsFiles } from "./site.js";

const require = createRequire(import.meta.url);
const isCompiled = import.meta.url.includes("/dist/bench/");
const bench = new URL(isCompiled ? "../../bench/" : "./", import.meta.url);

/** Path of a Python file of the benchmarks, which stay where their sources are. */
export const benchFile = (path: string): string => fileURLToPath(new URL(path, bench));

const startMs = 60_000;
/** As dask's nannies set it for their workers: a worker's threads are those it is given. */
const lone = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
const lookMs = 50;

export type SchedulerName = "dask" | "acme";

export interface PythonSite {
  readonly folder: string;
  /** null: plaintext. */
  readonly tls: TlsFiles | null;
  readonly dask: Incumbent;
}

export interface PythonClusterOptions {
  readonly scheduler: SchedulerName;
  readonly site: PythonSite;
  readonly workers: number;
  readonly nthreads?: number;
  /** Of every worker, so that none spills what another keeps. */
  readonly memoryLimit?: string;
  /** Further flags of every worker; default: no nanny. */
  readonly workerArgs?: readonly string[];
}

export class PythonCluster implements AsyncDisposable {
  readonly scheduler: BenchProcess;
  readonly workers: BenchProcess[] = [];
  readonly folder: string;
  readonly #options: PythonClusterOptions;
  readonly #programs: BenchProcess[] = [];
  address = "";

  private constructor(options: PythonClusterOptions) {
    this.#options = options;
    this.folder = mkdtempSync(join(options.site.folder, `${options.scheduler}-`));
    this.scheduler = new BenchProcess(this.#schedulerCommand());
  }

  /** Resolves when the scheduler listens; workers may still be registering. */
  static async start(options: PythonClusterOptions): Promise<PythonCluster> {
    const cluster = new PythonCluster(options);
    try {
      cluster.address = await cluster.#addressOfScheduler();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    for (let i = 0; i < options.workers; i++) cluster.startWorker();
    return cluster;
  }

  /** One more worker, in a process group of its own. */
  startWorker(): BenchProcess {
    const { nthreads = 1, memoryLimit = "6GiB", workerArgs = ["--no-nanny"] } = this.#options;
    const place = ["--local-directory", join(this.folder, `worker-${this.workers.length}`)];
    const shape = ["--nthreads", `${nthreads}`, "--memory-limit", memoryLimit, "--no-dashboard"];
    const args = ["worker", this.address, ...place, ...shape, ...workerArgs];
    const worker = new BenchProcess({ file: this.#dask, args, env: this.env });
    this.workers.push(worker);
    return worker;
  }

  /** Starts a Python program that uses the cluster. */
  program(file: string, args: readonly string[]): BenchProcess {
    const { python } = this.#options.site.dask;
    const program = new BenchProcess({ file: python, args: [file, ...args], env: this.env });
    this.#programs.push(program);
    return program;
  }

  /** With this `Client()` needs no argument. */
  get env(): Record<string, string> {
    const { folder, tls } = this.#options.site;
    const where = this.address === "" ? {} : { DASK_SCHEDULER_ADDRESS: this.address };
    // Settings of whoever runs this must not decide.
    const plain = {
      DASK_CONFIG: folder,
      ACME_HOME: this.folder,
      PYTHONWARNINGS: "ignore",
      ...lone,
    };
    if (tls === null) return { ...plain, ...where };
    return { ...plain, ...where, ...tlsSettings(tls) };
  }

  get #dask(): string {
    return join(dirname(this.#options.site.dask.python), "dask");
  }

  #schedulerCommand(): Command {
    const { scheduler, site } = this.#options;
    const place = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", this.#file];
    const args = [...place, "--no-dashboard", ...this.#security()];
    if (scheduler === "dask") {
      return { file: this.#dask, args: ["scheduler", ...args], env: this.env };
    }
    const insecure = site.tls === null ? ["--insecure"] : [];
    const root = dirname(require.resolve("@acme/scheduler/package.json"));
    const cli = join(root, "bin/acme-scheduler.js");
    return { file: process.execPath, args: [cli, ...args, ...insecure], env: this.env };
  }

  #security(): string[] {
    const { tls } = this.#options.site;
    if (tls === null) return ["--protocol", "tcp"];
    const files = ["--tls-ca-file", tls.ca, "--tls-cert", tls.cert, "--tls-key", tls.key];
    return ["--protocol", "tls", ...files];
  }

  get #file(): string {
    return join(this.folder, "scheduler.json");
  }

  async #addressOfScheduler(): Promise<string> {
    const deadlineMs = performance.now() + startMs;
    while (performance.now() < deadlineMs) {
      if (this.scheduler.hasEnded) break;
      try {
        const { address } = JSON.parse(readFileSync(this.#file, "utf8"));
        if (typeof address === "string" && address !== "") return address;
      } catch {
        // Not written yet, or not whole.
      }
      await sleep(lookMs);
    }
    throw this.scheduler.failure("did not say where it listens");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of [...this.#programs, ...this.workers, this.scheduler]) await each.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function tlsSettings({ ca, cert, key }: TlsFiles): Record<string, string> {
  const settings: Record<string, string> = {
    DASK_DISTRIBUTED__COMM__TLS__CA_FILE: ca,
    DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION: "True",
  };
  for (const role of ["SCHEDULER", "WORKER", "CLIENT"]) {
    settings[`DASK_DISTRIBUTED__COMM__TLS__${role}__CERT`] = cert;
    settings[`DASK_DISTRIBUTED__COMM__TLS__${role}__KEY`] = key;
  }
  return settings;
}
