// A cluster of real commands for the mixed soak: a scheduler, a worker that stays, and others that
// come, go, are killed and freeze. It must not know what they work on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { command, contactIn, type Running, startMs } from "../commands/processes.js";

/**
 * Shared buffers are only collected above half of the memory limit: with a large limit a worker would
 * grow towards that for half an hour, and a leak could not be told from it.
 */
const shape = { others: 2, nthreads: 1, memoryLimit: "400 MB" };
const freezeMs = 3_000;

/** One thing that happens to the workers. */
export type Upset = "kill" | "freeze" | "join" | "leave";

export class MixedCluster implements AsyncDisposable {
  readonly contactFile: string;
  readonly upsets: Record<Upset, number> = { kill: 0, freeze: 0, join: 0, leave: 0 };
  /** What the commands printed; they are told to print warnings at most. */
  readonly output: string[] = [];
  readonly #folder: string;
  readonly #scheduler: Running;
  readonly #steady: Running;
  readonly #others: Running[] = [];
  readonly #all: Running[] = [];
  #started = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.contactFile = join(folder, "scheduler.json");
    this.#scheduler = this.#run("scheduler", ["--port", "0", "--no-dashboard"]);
    this.#steady = this.#startWorker();
    for (let i = 0; i < shape.others; i++) this.#others.push(this.#startWorker());
  }

  static async start(folder: string): Promise<MixedCluster> {
    const cluster = new MixedCluster(folder);
    const untilMs = performance.now() + startMs;
    while (contactIn(cluster.contactFile) === undefined) {
      if (performance.now() > untilMs) throw new Error(`no scheduler: ${cluster.output.join("")}`);
      await sleep(100);
    }
    return cluster;
  }

  /** Processes whose memory is to stay flat, by name. */
  get steady(): { scheduler: number; worker: number; nanny: number } {
    const nanny = this.#steady.pid ?? -1;
    return { scheduler: this.#scheduler.pid ?? -1, nanny, worker: childOf(nanny) ?? -1 };
  }

  /** Worker processes that others replace now and then. */
  get passing(): number[] {
    return this.#others.flatMap((one) => childOf(one.pid ?? -1) ?? []);
  }

  async upset(how: Upset): Promise<void> {
    this.upsets[how] += 1;
    const turn = this.upsets[how];
    if (how === "join") this.#others.push(this.#startWorker());
    else if (how === "leave") this.#others.shift()?.kill("SIGTERM");
    else if (how === "kill") {
      const { passing } = this;
      const pid = passing[turn % passing.length];
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    } else {
      const pids = [this.steady.worker, ...this.passing].filter((pid) => pid > 0);
      const pid = pids[turn % pids.length];
      if (pid !== undefined) await freeze(pid);
    }
  }

  /** Ends the commands as a user would. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [...this.#others, this.#steady]) one.kill("SIGTERM");
    await Promise.all([...this.#others, this.#steady]);
    this.#scheduler.kill("SIGTERM");
    await this.#scheduler;
    for (const one of this.#all) one.kill("SIGKILL");
  }

  #startWorker(): Running {
    this.#started += 1;
    const { nthreads, memoryLimit } = shape;
    return this.#run("worker", [
      ...["--name", `mixed-${this.#started}`, "--nthreads", `${nthreads}`],
      ...["--memory-limit", memoryLimit, "--local-directory", join(this.#folder, "values")],
    ]);
  }

  #run(name: "scheduler" | "worker", args: readonly string[]): Running {
    const running = command(name, [...args, "--scheduler-file", this.contactFile]);
    running.all?.on("data", (chunk: Buffer) => {
      this.output.push(chunk.toString());
      // An hour of warnings would be a leak of our own.
      if (this.output.length > 200) this.output.splice(0, 100);
    });
    this.#all.push(running);
    return running;
  }
}

/** The worker process below a nanny. */
function childOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    const [child] = text.trim().split(" ");
    return child === undefined || child === "" ? undefined : Number(child);
  } catch {
    return undefined;
  }
}

async function freeze(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGSTOP");
    await sleep(freezeMs);
    process.kill(pid, "SIGCONT");
  } catch (error) {
    // It was killed in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
