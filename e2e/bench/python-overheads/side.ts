// One side of a measurement: a scheduler with Python workers, or with fake ones that compute
// nothing, and the client program; what the scheduler used while the program worked.
// What is made of the figures is not known here.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { measureCpu } from "../cpu-meter.js";
import { BenchProcess } from "../process.js";
import {
  benchFile,
  PythonCluster,
  type PythonSite,
  type SchedulerName,
} from "../python-cluster.js";

const program = benchFile("python-overheads/program.py");
const materialiser = benchFile("python-overheads/materialiser.py");
const fakeWorkers = fileURLToPath(new URL("../zero/fake-workers.js", import.meta.url));
const startMs = 60_000;
const workMs = 900_000;
/** For the scheduler to come to rest before its memory is read. */
const restMs = 2_000;

export type Work = "mapped" | "held" | "tree" | "array" | "latency";

/** What one piece of work cost. */
export interface Cost {
  readonly tasks: number;
  /** As the client program saw it. */
  readonly seconds: number;
  readonly schedulerCpuSeconds: number;
  readonly clientCpuSeconds: number;
  /** Of all workers together; real ones unfold graphs as well. */
  readonly workersCpuSeconds: number;
  /** Resident memory of the scheduler afterwards, less that before. */
  readonly schedulerBytes: number;
  readonly foreignShare: number;
  /** Milliseconds of one task after another; of `latency` alone. */
  readonly p50Ms?: number;
  /** Of fake workers alone: from the first task that one was given to the last that one ended. */
  readonly windowSeconds?: number;
  /** Of fake workers alone: run specs as they came, which a scheduler keeps in one form or another. */
  readonly specBytes?: number;
  /** What Python used to unfold graphs, where that is a process of its own. */
  readonly materialiseCpuSeconds?: number;
}

export interface SideOptions {
  readonly scheduler: SchedulerName;
  readonly site: PythonSite;
  /** Real workers of one thread, or fake ones. */
  readonly workers: number;
  readonly fake: boolean;
}

export class Side implements AsyncDisposable {
  readonly #cluster: PythonCluster;
  readonly #extra: BenchProcess[] = [];
  #client!: BenchProcess;
  #fakes: BenchProcess | undefined;
  #materialiser: BenchProcess | undefined;

  private constructor(cluster: PythonCluster) {
    this.#cluster = cluster;
  }

  static async start(options: SideOptions): Promise<Side> {
    const { fake, workers } = options;
    const cluster = await PythonCluster.start({ ...options, workers: fake ? 0 : workers });
    const side = new Side(cluster);
    try {
      if (fake) await side.#startFakes(options);
      side.#client = cluster.program(program, [`${workers}`]);
      await side.#client.line("ready", startMs);
      await sleep(restMs);
    } catch (error) {
      await side[Symbol.asyncDispose]();
      throw error;
    }
    return side;
  }

  async #startFakes({ site, workers }: SideOptions): Promise<void> {
    const { dask, tls } = site;
    const scheme = tls === null ? "tcp" : "tls";
    const { env, address } = this.#cluster;
    this.#materialiser = this.#start(dask.python, [materialiser, scheme], env);
    const port = await this.#materialiser.line("ready", startMs);
    const files =
      tls === null ? [] : ["--tls-ca-file", tls.ca, "--tls-cert", tls.cert, "--tls-key", tls.key];
    const count = ["--count", `${workers}`, "--plain", "--answers-at", port];
    const args = [fakeWorkers, "--address", address, ...count, ...files];
    this.#fakes = this.#start(process.execPath, args, {});
    await this.#fakes.line("ready", startMs);
  }

  #start(file: string, args: readonly string[], env: Record<string, string>): BenchProcess {
    const started = new BenchProcess({ file, args, env });
    this.#extra.push(started);
    return started;
  }

  /**
   * Has the program work; its results stay held until {@link release} or the next work.
   *
   * @param beside - until the one after the next, that is: what was held stays so
   */
  async work(work: Work, tasks: number, beside = false): Promise<Cost> {
    const { group } = this.#cluster.scheduler;
    const before = rssBytes(group);
    await this.#asked(this.#fakes, "worked");
    const usedBefore = await this.#asked(this.#materialiser, "used");
    const clients = this.#client.group;
    const workers = (this.#fakes === undefined ? this.#cluster.workers : [this.#fakes]).map(
      (each) => each.group,
    );
    const end = measureCpu([group, clients, ...workers]);
    this.#client.send(JSON.stringify({ work, tasks, beside }));
    const told = JSON.parse(await this.#client.line("done", workMs));
    const cpu = end();
    const worked = await this.#asked(this.#fakes, "worked");
    const used = await this.#asked(this.#materialiser, "used");
    await sleep(restMs);
    return {
      tasks: worked?.tasks ?? tasks,
      seconds: told.seconds,
      schedulerCpuSeconds: cpu.secondsOf(group),
      clientCpuSeconds: cpu.secondsOf(clients),
      workersCpuSeconds: workers.reduce((sum, each) => sum + cpu.secondsOf(each), 0),
      schedulerBytes: rssBytes(group) - before,
      foreignShare: cpu.foreignShare,
      ...(told.p50 === undefined ? {} : { p50Ms: told.p50 }),
      ...(worked && { windowSeconds: ((worked.lastMs ?? 0) - (worked.firstMs ?? 0)) / 1000 }),
      ...(worked?.specBytes === undefined ? {} : { specBytes: worked.specBytes }),
      ...(used && {
        materialiseCpuSeconds: (used.cpuSeconds ?? 0) - (usedBefore?.cpuSeconds ?? 0),
      }),
    };
  }

  async release(): Promise<void> {
    this.#client.send(JSON.stringify({ work: "release" }));
    await this.#client.line("done", workMs);
    await sleep(restMs);
  }

  async #asked(
    process: BenchProcess | undefined,
    word: string,
  ): Promise<Record<string, number> | undefined> {
    if (process === undefined) return undefined;
    process.send("?");
    return JSON.parse(await process.line(word, startMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#extra) await each.kill();
    await this.#cluster[Symbol.asyncDispose]();
  }
}

/** Of all processes of a group. */
function rssBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
