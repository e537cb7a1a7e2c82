// Unmodified `dask worker`s of a local cluster: one command that looks after its worker processes
// itself, started again if it ends while the cluster lives. Knows what dask's command takes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Security } from "@acme/comm";
import { clusterLimits } from "./limits.js";
import { checkCount, LocalClusterError } from "./local-shape.js";

/** Which Python workers a cluster has. */
export interface PythonWorkersOptions {
  /** Worker processes. */
  readonly workers: number;
  /** The interpreter, which has `distributed`; default `"python3"`. */
  readonly executable?: string | undefined;
  /** Tasks that each worker runs at once; default 1. */
  readonly threadsPerWorker?: number | undefined;
  /** Of each worker, as dask's `--memory-limit`; default: dask's. */
  readonly memoryLimit?: string | undefined;
  /** Further words for `dask worker`, such as `["--resources", "GPU=1"]`. */
  readonly args?: readonly string[] | undefined;
  /** Further variables of their environment, such as `PYTHONPATH`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

interface Site {
  readonly schedulerAddress: string;
  readonly security: Security | undefined;
  /** A folder of this cluster alone. */
  readonly localDirectory: string;
}

export class PythonWorkers {
  readonly #executable: string;
  readonly #words: readonly string[];
  readonly #env: Readonly<Record<string, string | undefined>>;
  #child: ChildProcess | undefined;
  #tail = "";
  #restarts = 0;
  #isClosing = false;
  readonly #onExit = (): void => void this.#child?.kill("SIGTERM");

  private constructor(options: PythonWorkersOptions, words: readonly string[], env: object) {
    this.#executable = options.executable ?? "python3";
    this.#words = words;
    this.#env = { ...process.env, ...env, ...options.env };
    process.on("exit", this.#onExit);
  }

  /**
   * Resolves when the command runs; its workers register a little later.
   *
   * @throws LocalClusterError if the options make no sense or the interpreter cannot be started
   */
  static async start(options: PythonWorkersOptions, site: Site): Promise<PythonWorkers> {
    checkCount("python.workers", options.workers, 1);
    checkCount("python.threadsPerWorker", options.threadsPerWorker ?? 1, 1);
    const env = await environmentOf(site);
    const started = new PythonWorkers(options, wordsOf(options, site), env);
    try {
      await started.#start();
    } catch (error) {
      await started.close();
      throw error;
    }
    return started;
  }

  /** Process id of the command, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the command and with it all its workers. Safe to call again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    process.off("exit", this.#onExit);
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, "close");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), clusterLimits.pythonCloseMs);
    await ended;
    clearTimeout(timer);
  }

  async #start(): Promise<void> {
    const child = spawn(this.#executable, this.#words, {
      env: this.#env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const startedMs = performance.now();
    try {
      await once(child, "spawn");
    } catch (cause) {
      throw new LocalClusterError(
        `cannot start ${this.#executable}: ${(cause as Error).message}; ` +
          "name the interpreter as python.executable",
        { cause },
      );
    }
    this.#child = child;
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      this.#tail = (this.#tail + text).slice(-clusterLimits.pythonTailCharacters);
    });
    child.once("close", (code, signal) => {
      this.#child = undefined;
      if (!this.#isClosing) void this.#ended(String(code ?? signal), startedMs);
    });
  }

  async #ended(how: string, startedMs: number): Promise<void> {
    const isSteady = performance.now() - startedMs > clusterLimits.pythonSteadyMs;
    this.#restarts = isSteady ? 1 : this.#restarts + 1;
    if (this.#restarts > clusterLimits.pythonRestarts) {
      const said = this.#tail.trim();
      process.emitWarning(
        `The Python workers ended ${this.#restarts} times (${how}) and are given up. ${said}`,
        "AcmeWarning",
      );
      return;
    }
    await sleep(clusterLimits.pythonRestartPauseMs, undefined, { ref: false });
    if (this.#isClosing) return;
    await this.#start().catch((error: Error) => process.emitWarning(error.message, "AcmeWarning"));
  }
}

function wordsOf(options: PythonWorkersOptions, site: Site): string[] {
  const { workers, threadsPerWorker = 1, memoryLimit, args = [] } = options;
  return [
    ...["-m", "distributed.cli.dask_worker", site.schedulerAddress, "--name", "python"],
    ...["--nworkers", `${workers}`, "--nthreads", `${threadsPerWorker}`, "--host", "127.0.0.1"],
    ...["--no-dashboard", "--death-timeout", `${clusterLimits.pythonDeathSeconds}`],
    ...["--local-directory", join(site.localDirectory, "python")],
    ...(memoryLimit === undefined ? [] : ["--memory-limit", memoryLimit]),
    ...args,
  ];
}

/** dask reads certificates from files. */
async function environmentOf({ schedulerAddress, security, localDirectory }: Site) {
  const { daskEnvironment, makePrivateFolder, writePrivateFile } = await import(
    "@acme/credentials"
  );
  makePrivateFolder(join(localDirectory, "python"));
  if (security === undefined) {
    return Object.fromEntries(daskEnvironment(schedulerAddress, undefined));
  }
  const folder = join(localDirectory, "python-tls");
  makePrivateFolder(folder);
  const file = (name: "ca" | "cert" | "key"): string => {
    const path = join(folder, `${name}.pem`);
    writePrivateFile(path, String(security[name] ?? ""));
    return path;
  };
  const files = { ca: file("ca"), cert: file("cert"), key: file("key") };
  return Object.fromEntries(daskEnvironment(schedulerAddress, files));
}
