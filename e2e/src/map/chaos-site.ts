// A scheduler and two workers as commands, for runs that kill them one after the other; what is
// killed is there again for the next run. Which process dies when is decided elsewhere.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { command, type Running, startMs, workersAt } from "../commands/processes.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../src/map/fixtures/${name}`, import.meta.url));
const preload = `--import=${fixture("crash-points.mjs")}`;

export class ChaosSite implements AsyncDisposable {
  readonly root: string;
  readonly address: string;
  readonly #port: number;
  #scheduler: Running;
  #worker: Running;

  private constructor(port: number) {
    this.root = mkdtempSync(join(tmpdir(), "acme-chaos-"));
    // Where credentials are that must outlive schedulers.
    process.env.ACME_HOME ??= join(this.root, "home");
    this.#port = port;
    this.address = `tls://127.0.0.1:${port}`;
    this.#scheduler = this.#startScheduler();
    this.#worker = this.#startWorkers();
  }

  static async start(): Promise<ChaosSite> {
    const site = new ChaosSite(await freePort());
    await site.ready();
    return site;
  }

  /** Both workers are registered. */
  async ready(): Promise<void> {
    const untilMs = Date.now() + 3 * startMs;
    while ((await workersAt(this.address)).length < 2) {
      if (Date.now() > untilMs) throw new Error("two workers did not register in time");
      await sleep(50);
    }
  }

  /** The program of a user, with or without a point to die at. */
  program(folder: string, count: number) {
    return execa("node", [fixture("chaos-program.mjs"), this.address, folder, `${count}`], {
      reject: false,
      all: true,
      timeout: 120_000,
      env: this.#env("client"),
    });
  }

  killScheduler(): void {
    this.#scheduler.kill("SIGKILL");
    this.#scheduler = this.#startScheduler();
  }

  /** One of the two, whose nanny starts it again. */
  killWorker(turn: number): void {
    const pids = childrenOf(this.#worker.pid ?? -1);
    const pid = pids[turn % pids.length];
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.kill("SIGTERM");
    await this.#worker;
    this.#scheduler.kill("SIGTERM");
    await this.#scheduler;
    rmSync(this.root, { recursive: true, force: true });
  }

  #startScheduler(): Running {
    // By its name it finds its own credentials again, beside those of another site.
    const name = `chaos-${this.#port}`;
    const args = ["--port", `${this.#port}`, "--name", name, "--no-dashboard"];
    return command("scheduler", args, [], { buffer: false });
  }

  #startWorkers(): Running {
    const args = [`127.0.0.1:${this.#port}`, "--nworkers", "2", "--nthreads", "1"];
    return command("worker", args, [], { buffer: false, env: this.#env("worker") });
  }

  #env(role: "client" | "worker"): Record<string, string> {
    return { NODE_OPTIONS: preload, CHAOS_ROOT: this.root, CHAOS_ROLE: role };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);
}

function parentOf(pid: string): number {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return -1;
  }
}
