// The commands of each system: scheduler, worker, and the programs that use them. The same flags
// on both sides, because ours has dask's. Starts nothing.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./process.js";
import type { Site } from "./site.js";
import type { Scheme, SystemName } from "./workload.js";

const require = createRequire(import.meta.url);
const programs = fileURLToPath(new URL("./programs/", import.meta.url));
const fakeWorkers = fileURLToPath(new URL("./zero/fake-workers.js", import.meta.url));
const pythonPrograms = fileURLToPath(new URL("../../bench/python/", import.meta.url));

/** Of every worker of both systems, so that neither spills what the other keeps. */
const memoryLimit = "4GiB";

export class Commands {
  readonly #site: Site;
  readonly #system: SystemName;
  readonly #scheme: Scheme;

  constructor(site: Site, system: SystemName, scheme: Scheme) {
    this.#site = site;
    this.#system = system;
    this.#scheme = scheme;
  }

  /** Listens on a free port of the loopback interface, and serves no HTTP. */
  scheduler(schedulerFile: string): Command {
    const place = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", schedulerFile];
    return this.#command("scheduler", [...place, "--no-dashboard"]);
  }

  /** One process, one thread, no nanny. */
  worker(schedulerFile: string, localDirectory: string): Command {
    const shape = ["--nthreads", "1", "--no-nanny", "--memory-limit", memoryLimit];
    const place = ["--scheduler-file", schedulerFile, "--local-directory", localDirectory];
    return this.#command("worker", [...place, ...shape]);
  }

  /** The same fake workers for both; those of dask speak as dask's. */
  fakeWorkers(address: string, count: number): Command {
    const files = this.#scheme === "tls" ? this.#tlsFiles() : [];
    const plain = this.#system === "acme" ? [] : ["--plain"];
    const args = ["--address", address, "--count", String(count), ...plain, ...files];
    return { file: process.execPath, args: [fakeWorkers, ...args] };
  }

  /** A program of `programs/` or `python/`, given its parameters as JSON. */
  program(name: string, parameters: object): Command {
    const given = JSON.stringify({ ...parameters, scheme: this.#scheme, tls: this.#site.tls });
    if (this.#system === "acme") {
      return { file: process.execPath, args: [join(programs, `${name}.js`), given] };
    }
    const { python } = this.#site.dask;
    return { file: python, args: [join(pythonPrograms, `${name}.py`), given], env: this.#env() };
  }

  #command(part: "scheduler" | "worker", args: readonly string[]): Command {
    const all = [...args, ...this.#security()];
    if (this.#system === "acme") {
      if (part === "scheduler" && this.#scheme === "tcp") all.push("--insecure");
      const root = dirname(require.resolve(`@acme/${part}/package.json`));
      return { file: process.execPath, args: [join(root, "bin", `acme-${part}.js`), ...all] };
    }
    const dask = join(dirname(this.#site.dask.python), "dask");
    const noDashboard = part === "worker" ? ["--no-dashboard"] : [];
    return { file: dask, args: [part, ...all, ...noDashboard], env: this.#env() };
  }

  #security(): string[] {
    if (this.#scheme === "tcp") return ["--protocol", "tcp"];
    return ["--protocol", "tls", ...this.#tlsFiles()];
  }

  #tlsFiles(): string[] {
    const { ca, cert, key } = this.#site.tls;
    return ["--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key];
  }

  #env(): Record<string, string> {
    return {
      // Settings of whoever runs this must not decide.
      DASK_CONFIG: this.#site.folder,
      // Functions are pickled by the names of their modules.
      PYTHONPATH: pythonPrograms,
      ...(this.#system === "dask-inf" && {
        DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION: "inf",
      }),
    };
  }
}
