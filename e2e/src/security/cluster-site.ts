// A cluster as its commands start it, for tests that try to get in: a scheduler and workers over
// every encrypted transport, all their ports, and all they said. Judges nothing.
import { setTimeout as sleep } from "node:timers/promises";
import { RpcPool, type Security } from "@acme/comm";
import { type ClusterDirectory, openClusterDirectory } from "@acme/credentials";
import { command, type Running, startMs } from "../commands/processes.js";

export interface Port {
  readonly what: string;
  readonly address: string;
}

export class ClusterSite implements AsyncDisposable {
  readonly name: string;
  readonly #running: Running[] = [];
  /** Everything that the commands wrote, as it came. */
  said = "";

  private constructor(name: string) {
    this.name = name;
  }

  /** Starts a scheduler with `args`, and waits until it has announced itself. */
  static async start(name: string, ...args: string[]): Promise<ClusterSite> {
    const site = new ClusterSite(name);
    const { pid } = site.run("scheduler", "--name", name, "--no-dashboard", ...args);
    await until(() => site.schedulerPid === pid, "the scheduler announced itself");
    return site;
  }

  get directory(): ClusterDirectory {
    return openClusterDirectory(this.name);
  }

  get security(): Security {
    return this.directory.security;
  }

  /** Of the scheduler that has announced itself, if any. */
  get schedulerPid(): number | null | undefined {
    try {
      return this.directory.contact()?.pid;
    } catch {
      return undefined;
    }
  }

  /** Starts one more command of this cluster, which ends with it. */
  run(name: "scheduler" | "worker", ...args: string[]): Running {
    const running = command(name, args);
    running.all.on("data", (chunk: Buffer) => {
      this.said += chunk.toString();
    });
    this.#running.push(running);
    return running;
  }

  async startWorkers(count: number, ...args: string[]): Promise<void> {
    const before = (await this.workers()).size;
    this.run(
      "worker",
      "--cluster",
      this.name,
      "--nworkers",
      `${count}`,
      "--nthreads",
      "1",
      ...args,
    );
    const wanted = before + count;
    await until(async () => (await this.workers()).size === wanted, "the workers registered");
  }

  /** What the scheduler knows about its workers, by address. */
  async workers(): Promise<Map<string, Map<string, unknown>>> {
    const identity = await this.ask<Map<string, unknown>>(this.directory.contact()!.address);
    return identity.get("workers") as Map<string, Map<string, unknown>>;
  }

  async ask<T>(address: string, request = { op: "identity" }): Promise<T> {
    const pool = new RpcPool({ security: this.security });
    try {
      return (await pool.call(address, request, { timeoutMs: 10_000 })) as T;
    } finally {
      await pool.close();
    }
  }

  /** All ports of the cluster on which somebody listens. */
  async ports(): Promise<Port[]> {
    const schedulers = this.directory.contact()!.addresses.map((address) => ({
      what: "scheduler",
      address,
    }));
    const workers = [...(await this.workers())].flatMap(([address, worker]) => [
      { what: "worker", address },
      { what: "nanny", address: String(worker.get("nanny")) },
    ]);
    return [...schedulers, ...workers];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) running.kill("SIGTERM");
    await Promise.all(this.#running);
  }
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const untilMs = Date.now() + startMs; Date.now() < untilMs; await sleep(50)) {
    if (await holds()) return;
  }
  throw new Error(`${startMs / 1000} s were not enough until ${what}`);
}
