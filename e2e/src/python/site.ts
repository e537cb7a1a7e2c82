// A cluster as a Python user would have it: our scheduler, unmodified `dask worker`s and clients of
// the newest release, over TLS with nothing but what `acme env` prints, or in plaintext. What is
// asked of it is for the tests to say.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openClusterDirectory } from "@acme/credentials";
import { execa } from "execa";
import { install } from "../../bench/incumbent.js";
import {
  ask,
  command,
  contactIn,
  type Running,
  startMs,
  TestFolder,
} from "../commands/processes.js";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";

export interface SiteOptions {
  /** Plaintext instead of TLS. */
  readonly insecure?: boolean;
  /** The scheduler's helper: `"own"` is the interpreter that everything runs on. */
  readonly python?: "own" | "none";
  /** Further flags of `acme-scheduler`. */
  readonly schedulerArgs?: readonly string[];
  /** Further environment of everything that is started. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkerOptions {
  readonly nthreads?: number;
  /** Default: with one, as `dask worker` has it. */
  readonly nanny?: boolean;
  readonly args?: readonly string[];
}

/** For a process to end by itself. */
const endMs = 20_000;

/** Packages of the environment that all tests with Python share. */
const packages = ["distributed", "dask", "numpy", "pandas", "pyarrow"];

/** The interpreter of that environment; skips the test where it cannot be made. */
export function pythonFor(context: SkippableContext): string {
  try {
    return install("python", packages).python;
  } catch (error) {
    skipWithReason(context, "dask cannot be installed here", error);
    return "";
  }
}

/** Starts a scheduler of ours for Python peers. */
export async function pythonSite(
  context: SkippableContext,
  options: SiteOptions = {},
): Promise<PythonSite> {
  const site = new PythonSite(pythonFor(context), options);
  try {
    await site.started();
  } catch (error) {
    await site[Symbol.asyncDispose]();
    throw error;
  }
  return site;
}

class PythonSite implements AsyncDisposable {
  readonly python: string;
  readonly home = new TestFolder();
  readonly scheduler: Running;
  readonly #env: Record<string, string>;
  readonly #workers: ChildProcess[] = [];
  readonly #nodeWorkers: Running[] = [];
  #programs = 0;

  constructor(
    python: string,
    { insecure = false, python: helper, schedulerArgs = [], env = {} }: SiteOptions,
  ) {
    this.python = python;
    this.#env = { ACME_HOME: this.home.path, NO_COLOR: "1", PYTHONWARNINGS: "ignore", ...env };
    const where = ["--name", "python", "--port", "0", "--no-dashboard"];
    const plain = insecure ? ["--insecure"] : [];
    const own = helper === "own" ? python : helper;
    const unfolds = own === undefined ? [] : ["--python", own];
    const args = [...where, ...plain, ...unfolds, ...schedulerArgs];
    this.scheduler = command("scheduler", args, [], { env: this.#env });
  }

  get address(): string {
    return contactIn(this.#contactFile)?.address ?? "";
  }

  get #contactFile(): string {
    return this.home.file("clusters/python/scheduler.json");
  }

  /** Resolves when the scheduler has announced itself; Python's settings are known from then on. */
  async started(): Promise<void> {
    await until("the scheduler listens", () => {
      if (this.scheduler.exitCode !== null) throw new Error("the scheduler ended");
      return this.address !== "";
    });
    const { stdout } = await command("acme", ["env", "python"], [], { env: this.#env });
    for (const [, name, value] of stdout.matchAll(/^export (\w+)='?([^'\n]*)'?$/gm)) {
      this.#env[name as string] = value as string;
    }
    this.#env.DASK_SCHEDULER_ADDRESS ??= this.address;
  }

  /** Environment with which Python's programs find the scheduler. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** Starts so many `dask worker` commands; resolves when all workers are registered. */
  async startWorkers(count: number, options: WorkerOptions = {}): Promise<number[]> {
    const { nthreads = 1, nanny = true, args = [] } = options;
    const before = (await this.workers()).length;
    const started = Array.from({ length: count }, () => {
      const folder = ["--local-directory", this.home.file(`worker-${this.#workers.length}`)];
      const words = ["worker", this.address, "--nthreads", `${nthreads}`, "--no-dashboard"];
      const child = spawn(
        join(dirname(this.python), "dask"),
        [...words, nanny ? "--nanny" : "--no-nanny", ...folder, ...args],
        { env: { ...process.env, ...this.#env }, stdio: ["ignore", "ignore", "pipe"] },
      );
      child.stderr.pipe(createWriteStream(this.home.file(`worker-${this.#workers.length}.txt`)));
      this.#workers.push(child);
      return child.pid as number;
    });
    await until(`${count} more workers`, async () => {
      return (await this.workers()).length >= before + count;
    });
    return started;
  }

  /** Starts so many of our own workers; resolves when all are registered. */
  async startNodeWorkers(count: number, { nthreads = 1, args = [] }: WorkerOptions = {}) {
    const before = (await this.workers()).length;
    const words = ["--cluster", "python", "--nworkers", `${count}`, "--nthreads", `${nthreads}`];
    this.#nodeWorkers.push(command("worker", [...words, ...args], [], { env: this.#env }));
    await until(`${count} more workers of ours`, async () => {
      return (await this.workers()).length >= before + count;
    });
  }

  /** Addresses of the workers that run. */
  async workers(): Promise<string[]> {
    return [...(await this.#ask<Map<string, number>>({ op: "ncores_running" })).keys()];
  }

  /** Resolves when the scheduler knows so many tasks. */
  async untilTasks(count: number): Promise<void> {
    await until(`${count} tasks`, async () => {
      return (await this.#ask<Map<unknown, unknown>>({ op: "who_has" })).size >= count;
    });
  }

  #ask<T>(request: { op: string }): Promise<T> {
    const { security } = openClusterDirectory(this.home.file("clusters/python"));
    const isPlain = this.address.startsWith("tcp:");
    return ask<T>(this.address, request, isPlain ? undefined : security);
  }

  /**
   * Runs a program of a Python user and gives what it printed.
   *
   * @param source - the program; it finds the scheduler by `Client()` alone
   */
  async run(source: string, args: readonly string[] = []): Promise<string> {
    this.#programs += 1;
    const file = this.home.file(`program-${this.#programs}.py`);
    writeFileSync(file, source);
    const { stdout } = await execa(this.python, [file, ...args], {
      env: this.#env,
      timeout: 240_000,
    });
    return stdout;
  }

  /** What the workers said, for the message of a test that fails. */
  workerLog(index: number): string {
    return readFileSync(this.home.file(`worker-${index}.txt`), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers, ...this.#nodeWorkers].map(ended));
    await ended(this.scheduler);
    this.home[Symbol.dispose]();
  }
}

/** Asks a process to end, and makes it. */
async function ended(child: Pick<ChildProcess, "exitCode" | "signalCode" | "kill" | "once">) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child as ChildProcess, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), endMs);
  await exited;
  clearTimeout(timer);
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + startMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited too long: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
