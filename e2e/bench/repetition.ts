// One repetition of a workload on one system: fresh processes, what they used while the program
// worked, and their end. What the program does is not known here.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Commands } from "./commands.js";
import { type CpuUse, measureCpu } from "./cpu-meter.js";
import { BenchProcess, type Command } from "./process.js";
import type { Site } from "./site.js";
import type { SystemName } from "./workload.js";

const startMs = 60_000;
const workMs = 600_000;

export interface Cluster {
  readonly address: string;
  readonly scheduler: BenchProcess;
  readonly workers: readonly BenchProcess[];
}

/** What a program found out, and what its work cost. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number>>;
  readonly cpu: CpuUse;
  readonly clientSeconds: number;
  readonly schedulerSeconds: number;
  /** Of all workers together. */
  readonly workerSeconds: number;
}

export interface RepetitionOptions {
  readonly site: Site;
  readonly system: SystemName;
  readonly commands: Commands;
  readonly quick: boolean;
}

export class Repetition implements AsyncDisposable {
  readonly site: Site;
  readonly system: SystemName;
  readonly commands: Commands;
  /** Fewer tasks, so that a run over all workloads takes minutes. */
  readonly quick: boolean;
  readonly folder: string;
  readonly #processes: BenchProcess[] = [];
  /** The largest of all measured parts. */
  foreignShare = 0;

  constructor({ site, system, commands, quick }: RepetitionOptions) {
    this.site = site;
    this.system = system;
    this.commands = commands;
    this.quick = quick;
    this.folder = mkdtempSync(join(site.folder, "run-"));
  }

  start(command: Command): BenchProcess {
    const started = new BenchProcess(command);
    this.#processes.push(started);
    return started;
  }

  /** A scheduler and workers of one thread each; workers may still be registering. */
  async startCluster(workers: number): Promise<Cluster> {
    const cluster = await this.startScheduler();
    const command = this.commands.worker(this.#schedulerFile, this.folder);
    return { ...cluster, workers: Array.from({ length: workers }, () => this.start(command)) };
  }

  /** A scheduler alone. */
  async startScheduler(): Promise<Cluster> {
    const scheduler = this.start(this.commands.scheduler(this.#schedulerFile));
    const address = await addressIn(this.#schedulerFile, scheduler);
    return { address, scheduler, workers: [] };
  }

  /** A scheduler, and a process full of workers that finish each task at once. */
  async startZeroCluster(count: number): Promise<Cluster> {
    const cluster = await this.startScheduler();
    const fakes = this.start(this.commands.fakeWorkers(cluster.address, count));
    await fakes.line("ready", startMs);
    return { ...cluster, workers: [fakes] };
  }

  get #schedulerFile(): string {
    return join(this.folder, "scheduler.json");
  }

  /** Starts a program that uses a cluster; it has connected when this resolves. */
  async connect(name: string, cluster: Cluster, parameters: object = {}): Promise<BenchProcess> {
    const { address, workers } = cluster;
    const given = { address, workers: workers.length, ...parameters };
    const program = this.start(this.commands.program(name, given));
    await program.line("ready", startMs);
    return program;
  }

  /**
   * Lets a connected program work, and measures everybody meanwhile.
   *
   * @param meanwhile - what to do while it works
   */
  async work(
    program: BenchProcess,
    cluster: Cluster,
    meanwhile?: () => Promise<void>,
  ): Promise<Outcome> {
    const { scheduler, workers } = cluster;
    const end = measureCpu([program, scheduler, ...workers].map(({ group }) => group));
    program.send("go");
    await meanwhile?.();
    const figures = JSON.parse(await program.line("done", workMs));
    const cpu = this.disturbedBy(end());
    const of = ({ group }: BenchProcess) => cpu.secondsOf(group);
    return {
      figures,
      cpu,
      clientSeconds: of(program),
      schedulerSeconds: of(scheduler),
      workerSeconds: workers.reduce((seconds, worker) => seconds + of(worker), 0),
    };
  }

  /** Cluster, program, work: what most workloads are. */
  async runProgram(name: string, workers: number, parameters: object = {}): Promise<Outcome> {
    const cluster = await this.startCluster(workers);
    const program = await this.connect(name, cluster, parameters);
    return this.work(program, cluster);
  }

  /** Notes how much others disturbed a measured part. */
  disturbedBy(cpu: CpuUse): CpuUse {
    this.foreignShare = Math.max(this.foreignShare, cpu.foreignShare);
    return cpu;
  }

  /** Ends all processes, so that another cluster can be started. */
  async endAll(): Promise<void> {
    // Programs first, so that nobody complains about who left before.
    for (const each of this.#processes.splice(0).reverse()) await each.kill();
    rmSync(this.#schedulerFile, { force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.endAll();
  }
}

async function addressIn(schedulerFile: string, scheduler: BenchProcess): Promise<string> {
  const deadline = performance.now() + startMs;
  while (performance.now() < deadline && !scheduler.hasEnded) {
    try {
      return JSON.parse(readFileSync(schedulerFile, "utf8")).address;
    } catch {
      await sleep(5);
    }
  }
  throw scheduler.failure("wrote no contact file");
}
