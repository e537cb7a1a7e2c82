// The real processes that are fuzzed: `acme-scheduler` and `acme-worker` with mutual TLS, what they
// log, and what memory they take. What is sent to them is for others.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RpcPool } from "@acme/comm";
import { type Certificates, makeCertificates } from "@acme/credentials";
import { command, type Running, startMs } from "../commands/processes.js";
import { residentBytes } from "../memory/real-memory.js";

const workers = 2;
const errorLevel = 50;

export interface VictimOptions {
  /** Check the state after every step; slow. */
  readonly validate: boolean;
}

/** Where one worker and its nanny are reached. */
export interface VictimWorker {
  readonly name: string;
  readonly address: string;
  readonly nanny: string;
}

export class Victims {
  readonly security: Certificates;
  readonly folder = mkdtempSync(join(tmpdir(), "acme-fuzz-"));
  address = "";
  httpPort = 0;
  workers: readonly VictimWorker[] = [];
  /** Lines that no input may cause: errors, and what is no log line at all. */
  readonly alarms: string[] = [];
  readonly lines = { scheduler: 0, worker: 0 };
  readonly #options: VictimOptions;
  readonly #pool: RpcPool;
  #scheduler!: Running;
  #worker!: Running;
  #isOver = false;
  /** Ends of `acme-worker` before its time; those asked for by a fuzzed message have code 0. */
  readonly ends: (number | undefined)[] = [];

  constructor(options: VictimOptions) {
    this.#options = options;
    this.security = makeCertificates("fuzz");
    this.#pool = new RpcPool({ security: this.security });
    for (const [name, text] of Object.entries(this.security)) writeFileSync(this.#file(name), text);
  }

  async start(): Promise<void> {
    const contact = this.#file("scheduler.json");
    this.#scheduler = this.#run("scheduler", [
      ...["--protocol", "tls", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", contact],
      ...["--dashboard-address", "127.0.0.1:0"],
    ]);
    this.address = await this.#contactAddress(contact);
    this.#startWorker();
    await this.#registered();
  }

  get pids(): Record<"scheduler" | "nanny" | "worker", number[]> {
    const nanny = this.#worker.pid ?? 0;
    return { scheduler: [this.#scheduler.pid ?? 0], nanny: [nanny], worker: childrenOf(nanny) };
  }

  residentMB(): Record<"scheduler" | "nanny" | "worker", number> {
    const { scheduler, nanny, worker } = this.pids;
    const largest = (pids: readonly number[]) => Math.max(0, ...pids.map(residentBytes)) / 1e6;
    return { scheduler: largest(scheduler), nanny: largest(nanny), worker: largest(worker) };
  }

  /** Processor time taken so far, summed over the processes of a kind that run now. */
  cpuSeconds(): Record<string, number> {
    const sums = Object.entries(this.pids).map(([kind, pids]) => [
      kind,
      sum(pids.map(cpuSecondsOf)),
    ]);
    return Object.fromEntries(sums) as Record<string, number>;
  }

  /** True while the scheduler runs. */
  get isAlive(): boolean {
    return this.#scheduler.exitCode === null && this.#scheduler.signalCode === null;
  }

  async ask<T>(address: string, request: { op: string; [field: string]: unknown }): Promise<T> {
    return (await this.#pool.call(address, request, { timeoutMs: 20_000 })) as T;
  }

  /** Ends everybody by what they are told over the wire. @returns exit codes */
  async terminate(): Promise<{ scheduler: number | undefined; worker: number | undefined }> {
    this.#isOver = true;
    const [first] = this.workers;
    if (first !== undefined) await this.ask(first.nanny, { op: "terminate" }).catch(() => {});
    await this.ask(this.address, { op: "terminate" }).catch((error: Error) => {
      this.alarms.push(`terminate: ${error.message}`);
    });
    const [scheduler, worker] = await Promise.all([this.#scheduler, this.#worker]);
    return { scheduler: scheduler.exitCode, worker: worker.exitCode };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    for (const running of [this.#worker, this.#scheduler]) running?.kill("SIGKILL");
    await Promise.all([this.#worker, this.#scheduler, this.#pool.close()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #startWorker(): void {
    const folder = ["--local-directory", this.folder];
    this.#worker = this.#run("worker", [
      ...[this.address, "--nworkers", `${workers}`, "--nthreads", "1", "--memory-limit", "1GB"],
      ...folder,
    ]);
    void this.#worker.then(({ exitCode }) => {
      if (this.#isOver) return;
      this.ends.push(exitCode);
      if (exitCode !== 0) this.alarms.push(`acme-worker ended with code ${exitCode}`);
      this.#startWorker();
    });
  }

  #run(name: "scheduler" | "worker", args: readonly string[]): Running {
    const tls = ["--tls-ca-file", this.#file("ca"), "--tls-cert", this.#file("cert")];
    const all = [...args, ...tls, "--tls-key", this.#file("key")];
    const env = this.#options.validate ? { ACME_VALIDATE: "1" } : {};
    // A message may ask for a dump to a file.
    const running = command(name, all, [], { env, buffer: false, cwd: this.folder });
    let rest = "";
    running.stderr?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#hear(name, line);
    });
    return running;
  }

  #hear(name: "scheduler" | "worker", line: string): void {
    this.lines[name] += 1;
    const isAlarm = line.startsWith("{")
      ? Number(/"level":(\d+)/.exec(line)?.[1]) >= errorLevel
      : /Error|Unhandled|Warning:|\n? {4}at /.test(line);
    if (isAlarm && this.alarms.length < 50) this.alarms.push(`${name}: ${line.slice(0, 2_000)}`);
  }

  async #contactAddress(contact: string): Promise<string> {
    for (const deadline = Date.now() + startMs; Date.now() < deadline; await sleep(20)) {
      try {
        return (JSON.parse(readFileSync(contact, "utf8")) as { address: string }).address;
      } catch {}
    }
    throw new Error(`no scheduler: ${this.alarms.join("\n")}`);
  }

  /** Waits until all workers are there, and learns where they and their nannies are. */
  async #registered(): Promise<void> {
    for (const deadline = Date.now() + startMs; Date.now() < deadline; await sleep(50)) {
      if (await this.refresh()) return;
    }
    throw new Error(`no workers: ${this.alarms.join("\n")}`);
  }

  /** Looks up the real workers anew. @returns whether all are there */
  async refresh(): Promise<boolean> {
    type Identity = Map<string, unknown>;
    const identity = await this.ask<Identity>(this.address, { op: "identity", n_workers: -1 });
    this.httpPort = (identity.get("services") as Map<string, number>).get("dashboard") ?? 0;
    const found: VictimWorker[] = [];
    for (const [address, worker] of identity.get("workers") as Map<string, Identity>) {
      const { host, name, nanny } = Object.fromEntries(worker) as Record<string, unknown>;
      const isReal = typeof nanny === "string" && nanny.startsWith("tls://") && host !== "";
      if (isReal) found.push({ address, name: String(name), nanny: nanny as string });
    }
    this.workers = found;
    return found.length >= workers;
  }

  #file(name: string): string {
    return join(this.folder, name);
  }
}

const sum = (values: readonly number[]): number =>
  Math.round(values.reduce((total, value) => total + value, 0));

/** Ticks of user and system time, 100 a second. */
function cpuSecondsOf(pid: number): number {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .split(") ")[1]!
      .split(" ")
      .slice(11);
    return (Number(user) + Number(system)) / 100;
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return -1;
  }
}
