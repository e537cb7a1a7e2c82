// One cluster of two Python workers, unmodified, under dask's own scheduler or under ours; both
// with mutual TLS. Which programs run on it is not known here.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RpcPool, type Security } from "@acme/comm";
import { createClusterDirectory, openClusterDirectory } from "@acme/credentials";
import { Supervised } from "./supervised.js";

export type Side = "dask" | "acme";

/** Starting takes long on a busy machine. */
const startMs = 60_000;
const pollMs = 100;
const name = "conformance";
/** Where a scheduler may serve HTTP besides. */
const http = ["--dashboard-address", "127.0.0.1:0"];
const workerFlags = [
  ["--name", "left", "--resources", "LEFT=1"],
  ["--name", "right", "--resources", "RIGHT=1"],
];

const require = createRequire(import.meta.url);

/** Absolute path of one of our commands. */
export function binOf(which: "scheduler" | "acme"): string {
  const folder = dirname(require.resolve(`@acme/${which}/package.json`));
  return join(folder, "bin", which === "acme" ? "acme.js" : `acme-${which}.js`);
}

interface Begun {
  readonly scheduler: Supervised;
  readonly env: Readonly<Record<string, string>>;
  readonly address: string;
  readonly security: Security;
}

export class PythonCluster {
  readonly side: Side;
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #begun: Begun;
  readonly #workers: readonly Supervised[];

  private constructor(side: Side, folder: string, begun: Begun, workers: readonly Supervised[]) {
    this.side = side;
    this.env = begun.env;
    this.#folder = folder;
    this.#begun = begun;
    this.#workers = workers;
  }

  /** @throws Error with what the processes said, if the cluster is not whole in time */
  static async start(side: Side, python: string): Promise<PythonCluster> {
    const folder = mkdtempSync(join(tmpdir(), `conformance-${side}-`));
    const begun = await (side === "dask" ? beginDask(folder, python) : beginAcme(folder));
    const { address, env } = begun;
    const fixed = ["--nthreads", "2", "--memory-limit", "2GiB", "--no-dashboard"];
    const workers = workerFlags.map((flags) => {
      const args = ["worker", address, ...flags, ...fixed, "--local-directory", folder];
      return new Supervised(join(dirname(python), "dask"), args, { env, cwd: folder });
    });
    const cluster = new PythonCluster(side, folder, begun, workers);
    if (await cluster.isWhole(startMs)) return cluster;
    const said = cluster.said();
    await cluster.stop();
    throw new Error(`the cluster of ${side} is not whole after ${startMs} ms:\n${said}`);
  }

  /** Whether all workers run, within a time. */
  async isWhole(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (true) {
      if ((await this.#countWorkers()) === workerFlags.length) return true;
      if (performance.now() > deadline || this.#begun.scheduler.hasEnded) return false;
      await pause();
    }
  }

  async #countWorkers(): Promise<number> {
    const { address, security } = this.#begun;
    const pool = new RpcPool({ security });
    try {
      const request = { op: "ncores_running" };
      const reply = await pool.call(address, request, { timeoutMs: 5_000 });
      return reply instanceof Map ? reply.size : 0;
    } catch {
      return 0;
    } finally {
      await pool.close();
    }
  }

  /** The last that its processes said. */
  said(): string {
    const all = [this.#begun.scheduler, ...this.#workers];
    return all.map((one) => one.said.slice(-4_000)).join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#begun.scheduler.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function beginDask(folder: string, python: string): Promise<Begun> {
  const { security, files } = createClusterDirectory(join(folder, name));
  const comm = "DASK_DISTRIBUTED__COMM__";
  const env: Record<string, string> = {
    [`${comm}TLS__CA_FILE`]: files.ca,
    [`${comm}REQUIRE_ENCRYPTION`]: "True",
  };
  for (const role of ["CLIENT", "WORKER", "SCHEDULER"]) {
    env[`${comm}TLS__${role}__CERT`] = files.cert;
    env[`${comm}TLS__${role}__KEY`] = files.key;
  }
  const contact = join(folder, "scheduler.json");
  const where = ["--protocol", "tls", "--host", "127.0.0.1", "--port", "0"];
  const args = ["scheduler", ...where, ...http, "--scheduler-file", contact];
  const scheduler = new Supervised(join(dirname(python), "dask"), args, { env, cwd: folder });
  const address = await addressIn(contact, scheduler);
  return { scheduler, security, address, env: { ...env, DASK_SCHEDULER_ADDRESS: address } };
}

async function beginAcme(folder: string): Promise<Begun> {
  const home = { ACME_HOME: folder, ACME_PYTHON: process.env.ACME_PYTHON ?? "" };
  const args = ["--name", name, "--host", "127.0.0.1", "--port", "0", ...http];
  const command = [binOf("scheduler"), ...args];
  const scheduler = new Supervised(process.execPath, command, { env: home, cwd: folder });
  const directory = join(folder, "clusters", name);
  const address = await addressIn(join(directory, "scheduler.json"), scheduler);
  return {
    scheduler,
    address,
    security: openClusterDirectory(directory).security,
    env: environmentOf(home),
  };
}

/** What a Python user gets from `acme env`. */
function environmentOf(home: Record<string, string>): Record<string, string> {
  const env = { ...process.env, ...home };
  const lines = execFileSync(process.execPath, [binOf("acme"), "env", name], {
    env,
    encoding: "utf8",
  });
  const pairs = lines.matchAll(/^export (\w+)='?(.*?)'?$/gm);
  return Object.fromEntries(Array.from(pairs, ([, key, value]) => [key, value]));
}

async function addressIn(contactFile: string, scheduler: Supervised): Promise<string> {
  const deadline = performance.now() + startMs;
  while (true) {
    try {
      return (JSON.parse(readFileSync(contactFile, "utf8")) as { address: string }).address;
    } catch {
      if (performance.now() > deadline || scheduler.hasEnded) {
        throw new Error(`the scheduler did not start: ${scheduler.said}`);
      }
      await pause();
    }
  }
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, pollMs));
