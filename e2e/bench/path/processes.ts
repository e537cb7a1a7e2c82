// A cluster as its commands start it: one `acme-scheduler`, one `acme-worker` with its nanny, each
// a process of its own, and a client in this one. Knows how to start and end them, and what each
// of them has cost.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@acme/client";
import { childrenOf, cpuTimeUs, threadTimesUs } from "./cpu-time.js";

const require = createRequire(import.meta.url);
const startMs = 30_000;
/** Shows what the processes say. */
const isVerbose = process.env.VERBOSE === "1";

export interface ClusterOptions {
  readonly workers: number;
  readonly nthreads: number;
  /** Further arguments, such as `--insecure`. */
  readonly schedulerArguments?: readonly string[];
  readonly workerArguments?: readonly string[];
  /** true (default): one command with a nanny over all workers; false: a command for each. */
  readonly nanny?: boolean;
  /** Given to node in all processes, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** Processor time so far, microseconds. */
export interface Cost {
  readonly client: number;
  readonly scheduler: number;
  /** All worker processes together. */
  readonly workers: number;
  /** The control threads of all workers, and their busiest other threads: those that run tasks. */
  readonly control: number;
  readonly executors: number;
}

export class Processes {
  readonly client: Client;
  readonly schedulerPid: number;
  readonly #folder: string;
  readonly #started: readonly ChildProcess[];
  readonly #hasNanny: boolean;

  private constructor(
    client: Client,
    folder: string,
    started: readonly ChildProcess[],
    hasNanny: boolean,
  ) {
    this.#hasNanny = hasNanny;
    this.client = client;
    this.schedulerPid = started[0]?.pid as number;
    this.#folder = folder;
    this.#started = started;
  }

  static async start(options: ClusterOptions): Promise<Processes> {
    const { workers, nthreads, nodeOptions = [] } = options;
    const { schedulerArguments = [], workerArguments = [] } = options;
    const folder = mkdtempSync(join(tmpdir(), "acme-bench-"));
    const schedulerFile = join(folder, "scheduler.json");
    const scheduler = command("scheduler", nodeOptions, [
      ...["--port", "0", "--no-dashboard", "--scheduler-file", schedulerFile],
      ...schedulerArguments,
    ]);
    await contactIn(schedulerFile, scheduler);
    const workerCommands = (options.nanny ?? true) ? [["--nworkers", String(workers)]] : [];
    while (options.nanny === false && workerCommands.length < workers) {
      workerCommands.push(["--no-nanny"]);
    }
    const started = workerCommands.map((shape) =>
      command("worker", nodeOptions, [
        ...["--scheduler-file", schedulerFile, "--local-directory", folder],
        ...["--nthreads", String(nthreads), ...shape, ...workerArguments],
      ]),
    );
    const client = await Client.connect({ schedulerFile });
    await client.waitForWorkers(workers, { timeoutMs: startMs });
    return new Processes(client, folder, [scheduler, ...started], options.nanny ?? true);
  }

  /** Worker processes, without their nanny. */
  get workerPids(): number[] {
    const pids = this.#started.slice(1).map((child) => child.pid as number);
    return this.#hasNanny ? pids.flatMap(childrenOf) : pids;
  }

  get cost(): Cost {
    const workers = this.workerPids;
    const threads = workers.map((pid) => ({ pid, times: threadTimesUs(pid) }));
    const { user, system } = process.cpuUsage();
    return {
      client: user + system,
      scheduler: cpuTimeUs(this.schedulerPid),
      workers: sum(workers.map(cpuTimeUs)),
      control: sum(threads.map(({ pid, times }) => times.get(pid) ?? 0)),
      executors: sum(
        threads.map(({ pid, times }) =>
          Math.max(...[...times].map(([id, t]) => (id === pid ? 0 : t))),
        ),
      ),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    for (const child of [...this.#started].reverse()) await end(child);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What happened between two readings, per task. */
export function costPerTask(before: Cost, after: Cost, tasks: number): Cost {
  const names = Object.keys(before) as (keyof Cost)[];
  const each = names.map((name) => [name, (after[name] - before[name]) / tasks]);
  return Object.fromEntries(each) as unknown as Cost;
}

function command(
  name: "scheduler" | "worker",
  nodeOptions: readonly string[],
  args: readonly string[],
): ChildProcess {
  const root = dirname(require.resolve(`@acme/${name}/package.json`));
  const bin = join(root, "bin", `acme-${name}.js`);
  return spawn(process.execPath, [...nodeOptions, bin, "--log-level", "warn", ...args], {
    stdio: ["ignore", "ignore", isVerbose ? "inherit" : "ignore"],
  });
}

async function contactIn(path: string, scheduler: ChildProcess): Promise<void> {
  for (const untilMs = Date.now() + startMs; Date.now() < untilMs; await sleep(20)) {
    if (scheduler.exitCode !== null) break;
    try {
      JSON.parse(readFileSync(path, "utf8"));
      return;
    } catch {
      // Not written yet.
    }
  }
  throw new Error("the scheduler did not write its contact file");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
