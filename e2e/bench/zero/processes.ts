// The processes of one measurement: a real acme-scheduler with a probe in it, and fake workers.
// What they cost is read from /proc, so this runs on Linux only.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ProbeLine } from "./probe.js";

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface SchedulerCosts {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const schedulerCli = fromHere("../../../../packages/scheduler/dist/bundle/cli.js");
/** Of /proc/PID/stat; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Flags that acme-scheduler and the fake workers understand. */
function tlsFlags(tls: TlsFiles | undefined): string[] {
  if (tls === undefined) return [];
  return ["--tls-ca-file", tls.ca, "--tls-cert", tls.cert, "--tls-key", tls.key];
}

export class SchedulerProcess {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, address: string, folder: string) {
    this.#child = child;
    this.address = address;
    this.#folder = folder;
  }

  static async start(
    tls: TlsFiles | undefined,
    nodeFlags: readonly string[],
  ): Promise<SchedulerProcess> {
    const folder = mkdtempSync(join(tmpdir(), "acme-zero-"));
    const env = {
      ...process.env,
      NODE_OPTIONS: `--import ${new URL("probe.js", import.meta.url).href}`,
      ACME_ZERO_PROBE: join(folder, "probe"),
    };
    const flags = ["--port", "0", "--no-dashboard", "--log-level", "warn", ...tlsFlags(tls)];
    const args = [...nodeFlags, schedulerCli, ...flags];
    if (tls === undefined) args.push("--insecure");
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "pipe"] });
    const said = await untilSaid(child, child.stderr!, /Scheduler at: (\S+?),?\s/);
    return new SchedulerProcess(child, said[1] as string, folder);
  }

  /** CPU time of the whole process so far, helper threads included, and what it holds. */
  costs(): SchedulerCosts {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    return { cpuUs: (ticks * 1e6) / ticksPerSecond, rssBytes: kib * 1024 };
  }

  /** Collects garbage; resolves to the heap in use after it. */
  async heldHeapBytes(): Promise<number> {
    const asked = join(this.#folder, "probe.collect");
    writeFileSync(asked, "");
    while (existsSync(asked)) await sleep(50);
    const sinceMs = performance.timeOrigin + performance.now();
    for (;;) {
      const last = this.probed(sinceMs).at(-1);
      if (last !== undefined) return last.heapBytes;
      await sleep(50);
    }
  }

  /** What the probe wrote since a time. */
  probed(sinceMs: number): ProbeLine[] {
    const text = readFileSync(join(this.#folder, "probe"), "utf8");
    const lines = text.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as ProbeLine).filter(({ atMs }) => atMs >= sinceMs);
  }

  async stop(): Promise<void> {
    await stop(this.#child, () => this.#child.kill("SIGTERM"));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface FakeWorkersOptions {
  readonly address: string;
  readonly count: number;
  readonly nthreads: number;
  readonly inlineBytes: number;
  readonly tls: TlsFiles | undefined;
}

/** Starts fake workers in one process; gives how to stop them, once all are registered. */
export async function startFakeWorkers(options: FakeWorkersOptions): Promise<() => Promise<void>> {
  const { address, count, nthreads, inlineBytes, tls } = options;
  if (count === 0) return async () => {};
  const args = ["--address", address, "--count", `${count}`, "--nthreads", `${nthreads}`];
  args.push("--inline-bytes", `${inlineBytes}`, ...tlsFlags(tls));
  const child = spawn(process.execPath, [fromHere("fake-workers.js"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await untilSaid(child, child.stdout!, /ready/);
  return () => stop(child, () => child.stdin!.end());
}

function stop(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    ask();
  });
}

function untilSaid(
  child: ChildProcess,
  stream: NodeJS.ReadableStream,
  wanted: RegExp,
): Promise<RegExpExecArray> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`ended with ${code} and said: ${text}`)));
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const said = wanted.exec(text);
      if (said !== null) resolve(said);
      else process.stderr.write(chunk);
    });
  });
}
