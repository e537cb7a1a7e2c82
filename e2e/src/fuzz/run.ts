// A run of the fuzzer against real processes: many sessions at once, beside a good client, and at
// the end what became of the processes. One seed gives one sequence of sessions.
import { setTimeout as sleep } from "node:timers/promises";
import { isAcmeError } from "@acme/protocol";
import { Random } from "../sim/random.js";
import { GoodClient, type Latency, latencyOf } from "./beside.js";
import { type Direction, type Input, OpCounts } from "./directions.js";
import { sendHttp } from "./http-requests.js";
import { sendRawBytes } from "./raw-bytes.js";
import { runSession } from "./sessions.js";
import { Victims, type VictimWorker } from "./victims.js";
import { Vocabulary } from "./vocabulary.js";

export interface RunOptions {
  readonly seed: number;
  readonly inputs: number;
  /**
   * `beside`: nothing that a peer with credentials may do to the work of others, so a good client
   * must not notice. `harsh`: every op against everybody.
   */
  readonly mode: "beside" | "harsh";
  readonly validate: boolean;
  /** How long the good client is watched before and after. */
  readonly calmMs: number;
  /**
   * Inputs a second; default: all that can be made. Then the fuzzer itself takes the processors
   * away from a good client on the same machine, and latency says nothing about the victims.
   */
  readonly perSecondMax?: number | undefined;
}

export interface RunReport {
  readonly seed: number;
  readonly inputs: number;
  readonly perSecond: number;
  /** Sound or spoilt messages of authenticated peers, and those with a spoilt field among them. */
  readonly messages: number;
  readonly spoilt: number;
  readonly rawPieces: number;
  readonly httpRequests: number;
  readonly ops: { ops: number; rarest: number };
  readonly missingOps: readonly string[];
  readonly alarms: readonly string[];
  readonly wrong: readonly string[];
  readonly logLines: { scheduler: number; worker: number };
  readonly memoryMB: Record<string, { start: number; end: number; growth: number }>;
  readonly maps: { calm: Latency; fuzzed: Latency; after: Latency };
  readonly pings: { calm: Latency; fuzzed: Latency; after: Latency };
  readonly exitCodes: { scheduler: number | undefined; worker: number | undefined };
  readonly workerEnds: number;
  readonly leftTasks: number;
  /** Of this fuzzer and of each kind of process, in seconds. */
  readonly cpuS: Record<string, number>;
}

const sessionsAtOnce = 64;
const warmUpShare = 0.1;
/** Between two looks at whether the fuzzer is too fast. */
const paceMs = 5;
/** After the storm: clients linger a while, then everything fuzzed must be gone. */
const settleMs = 2_000;

/** What a peer with credentials may do, and by which others lose their work. */
const harmful: ReadonlySet<string> = new Set([
  "terminate",
  "restart",
  "restart_workers",
  "kill",
  "instantiate",
  "close_gracefully",
]);

const endsWork = (op: string) => harmful.has(op);
/** A worker that is told to end is started anew. */
const endsAll = (op: string, direction: Direction) =>
  op === "terminate" && direction !== "worker rpc";

export async function fuzzProcesses(options: RunOptions): Promise<RunReport> {
  const victims = new Victims({ validate: options.validate });
  try {
    await victims.start();
    return await new FuzzRun(victims, options).run();
  } finally {
    await victims.close();
  }
}

class FuzzRun {
  readonly #victims: Victims;
  readonly #options: RunOptions;
  readonly #random: Random;
  readonly #counts = new OpCounts();
  readonly #workers: readonly VictimWorker[];
  #messages = 0;
  #spoilt = 0;
  #raw = 0;
  #http = 0;
  #sessions = 0;

  constructor(victims: Victims, options: RunOptions) {
    this.#victims = victims;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#workers = victims.workers;
  }

  get #sent(): number {
    return this.#messages + this.#raw + this.#http;
  }

  async run(): Promise<RunReport> {
    const { inputs, calmMs } = this.#options;
    const victims = this.#victims;
    const { address, security, workers } = victims;
    const names = workers.map((worker) => worker.name);
    const good = await GoodClient.start({ address, security, workers: names });
    try {
      await sleep(calmMs);
      const calm = await good.report();
      await this.#storm(inputs * warmUpShare);
      const start = victims.residentMB();
      const startedMs = performance.now();
      const before = this.#sent;
      await this.#storm(inputs);
      const perSecond = Math.round(
        (this.#sent - before) / ((performance.now() - startedMs) / 1000),
      );
      const fuzzed = await good.report();
      await sleep(settleMs);
      const end = victims.residentMB();
      await good.report();
      await sleep(calmMs);
      const after = await good.report();
      await good.close();
      return await this.#report({ calm, fuzzed, after, start, end, perSecond });
    } finally {
      await good.close();
    }
  }

  /** Sends until so many inputs were sent in all. */
  async #storm(inputs: number): Promise<void> {
    const { perSecondMax = Number.POSITIVE_INFINITY } = this.#options;
    const before = this.#sent;
    const startedMs = performance.now();
    const isAhead = () =>
      this.#sent - before > (perSecondMax * (performance.now() - startedMs)) / 1000;
    const lane = async (): Promise<void> => {
      while (this.#sent < inputs && this.#victims.isAlive) {
        while (isAhead()) await sleep(paceMs);
        const seed = this.#random.below(2 ** 31);
        try {
          await this.#one(seed);
        } catch (error) {
          if (!isAcmeError(error)) throw new Error(`session ${seed}`, { cause: error });
        }
      }
    };
    await Promise.all(Array.from({ length: sessionsAtOnce }, lane));
  }

  async #one(seed: number): Promise<void> {
    const { security, httpPort, address } = this.#victims;
    const choice = this.#random.next();
    const names = new Vocabulary("fuzz", this.#real);
    if (choice < 0.08) {
      await sendHttp({ seed, port: httpPort, onInput: () => this.#http++ });
    } else if (choice < 0.3) {
      const targets = [address, address, ...this.#workers.flatMap((w) => [w.address, w.nanny])];
      await sendRawBytes({
        seed,
        names,
        security,
        address: this.#random.pick(targets),
        onInput: () => this.#raw++,
      });
    } else {
      await runSession({
        seed,
        number: this.#sessions++,
        names,
        security,
        address: (direction, random) => this.#addressOf(direction, random),
        onInput: (input) => this.#count(input),
        input: {
          sound: 0.3,
          sameType: 0.9,
          without: this.#options.mode === "beside" ? endsWork : endsAll,
        },
        harsh: this.#options.mode === "harsh",
      });
    }
  }

  get #real(): readonly string[] {
    if (this.#options.mode === "beside") return [];
    return this.#workers.flatMap(({ address, name }) => [address, name]);
  }

  #addressOf(direction: Direction, random: Random): string {
    const worker = random.pick(
      this.#victims.workers.length > 0 ? this.#victims.workers : this.#workers,
    );
    if (direction === "worker rpc") return worker.address;
    return direction === "nanny rpc" ? worker.nanny : this.#victims.address;
  }

  #count(input: Input): void {
    this.#counts.count(input);
    this.#messages += 1;
    if (input.spoilt > 0) this.#spoilt += 1;
  }

  async #report(seen: {
    calm: Seen;
    fuzzed: Seen;
    after: Seen;
    start: Record<string, number>;
    end: Record<string, number>;
    perSecond: number;
  }): Promise<RunReport> {
    const { calm, fuzzed, after, start, end, perSecond } = seen;
    const victims = this.#victims;
    const leftTasks = await this.#leftTasks();
    const { user, system } = process.cpuUsage();
    const cpuS = { fuzzer: Math.round((user + system) / 1e6), ...victims.cpuSeconds() };
    const exitCodes = await victims.terminate();
    for (const direction of ["scheduler rpc", "nanny rpc"] as const) {
      this.#counts.count({ direction, op: "terminate" });
    }
    const wrong = [...calm.wrong, ...fuzzed.wrong, ...after.wrong];
    const latencies = (of: "mapMs" | "pingMs") => ({
      calm: latencyOf(calm[of]),
      fuzzed: latencyOf(fuzzed[of]),
      after: latencyOf(after[of]),
    });
    const { ops, rarest } = this.#counts.summary();
    return {
      seed: this.#options.seed,
      inputs: this.#sent,
      perSecond,
      messages: this.#messages,
      spoilt: this.#spoilt,
      rawPieces: this.#raw,
      httpRequests: this.#http,
      ops: { ops, rarest },
      missingOps: this.#counts.missing(fuzzedDirections),
      alarms: victims.alarms,
      wrong: this.#options.mode === "beside" ? wrong : [],
      logLines: victims.lines,
      memoryMB: growth(start, end),
      maps: latencies("mapMs"),
      pings: latencies("pingMs"),
      exitCodes,
      workerEnds: victims.ends.length,
      leftTasks,
      cpuS,
    };
  }

  /** Tasks that the scheduler still has though nobody who wanted them is there. */
  async #leftTasks(): Promise<number> {
    const all = await this.#victims.ask<Map<unknown, unknown>>(this.#victims.address, {
      op: "who_has",
    });
    return all.size;
  }
}

type Seen = Awaited<ReturnType<GoodClient["report"]>>;

const fuzzedDirections = [
  "scheduler rpc",
  "client stream",
  "worker stream",
  "worker rpc",
  "nanny rpc",
] as const;

function growth(start: Record<string, number>, end: Record<string, number>): RunReport["memoryMB"] {
  const found: RunReport["memoryMB"] = {};
  for (const [name, startMB] of Object.entries(start)) {
    const endMB = end[name] ?? 0;
    const [first, last] = [Math.round(startMB), Math.round(endMB)];
    found[name] = { start: first, end: last, growth: last - first };
  }
  return found;
}
