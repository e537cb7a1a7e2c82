// A cluster of dask's own scheduler, unmodified, with workers of both languages, over TLS with our
// certificates or in plaintext. What is asked of it is for the tests to say.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { makeCertificates } from "@acme/credentials";
import { execa } from "execa";
import { command, type Running, startMs, TestFolder } from "../commands/processes.js";

export interface DaskSiteOptions {
  readonly python: string;
  /** Plaintext instead of TLS. */
  readonly insecure?: boolean;
}

/** Starts a scheduler of dask's. */
export async function daskSite(options: DaskSiteOptions): Promise<DaskSite> {
  const site = new DaskSite(options, await freePort());
  await site.started();
  return site;
}

class DaskSite implements AsyncDisposable {
  readonly address: string;
  readonly home = new TestFolder();
  readonly #options: DaskSiteOptions;
  readonly #processes: ChildProcess[] = [];
  readonly #ours: Running[] = [];
  #workers = 0;

  constructor(options: DaskSiteOptions, port: number) {
    this.#options = options;
    this.address = `${options.insecure === true ? "tcp" : "tls"}://127.0.0.1:${port}`;
  }

  async started(): Promise<void> {
    if (this.#options.insecure !== true) {
      const { ca, cert, key } = makeCertificates("dask");
      for (const [name, text] of Object.entries({ ca, cert, key })) {
        writeFileSync(this.home.file(`${name}.pem`), text);
      }
    }
    const words = ["--host", this.address, "--no-dashboard"];
    this.#dask("scheduler.txt", ["scheduler", ...words]);
    await this.waitFor("scheduler.txt", /Scheduler at:/, 1);
  }

  /** Unmodified workers of dask's. */
  async startPythonWorkers(count: number, args: readonly string[] = []): Promise<void> {
    for (let i = 0; i < count; i++) {
      const folder = ["--local-directory", this.home.file(`python-${this.#processes.length}`)];
      const words = ["--nthreads", "1", "--no-dashboard", "--no-nanny", ...folder, ...args];
      this.#dask("python.txt", ["worker", this.address, ...words]);
    }
    await this.#registered(count);
  }

  /** Our workers, as anybody starts them. */
  async startNodeWorkers(count: number, args: readonly string[] = []): Promise<void> {
    const words = ["--nworkers", `${count}`, "--nthreads", "1", "--host", "127.0.0.1", ...args];
    this.#ours.push(command("worker", [this.address, ...words, ...this.#tlsFlags()]));
    await this.#registered(count);
  }

  /** Runs a program of a Python user and gives what it printed. */
  async run(source: string): Promise<string> {
    const file = this.home.file("program.py");
    writeFileSync(file, source);
    const env = { ...this.#env(), DASK_SCHEDULER_ADDRESS: this.address };
    const { stdout } = await execa(this.#options.python, [file], { env, timeout: 240_000 });
    return stdout;
  }

  /** Waits until a log of this site says something so many times. */
  async waitFor(file: string, what: RegExp, times: number): Promise<void> {
    const deadline = performance.now() + startMs;
    const every = new RegExp(what, "g");
    while ((this.log(file).match(every)?.length ?? 0) < times) {
      if (performance.now() > deadline) {
        throw new Error(`waited too long for ${what} in ${file}:\n${this.log(file)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  log(file: string): string {
    try {
      return readFileSync(this.home.file(file), "utf8");
    } catch {
      return "";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [...this.#ours, ...this.#processes].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child as ChildProcess, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await exited;
      clearTimeout(timer);
    }
    this.home[Symbol.dispose]();
  }

  async #registered(more: number): Promise<void> {
    this.#workers += more;
    await this.waitFor("scheduler.txt", /Register worker/, this.#workers);
  }

  #dask(log: string, words: readonly string[]): void {
    const child = spawn(join(dirname(this.#options.python), "dask"), words, {
      env: { ...process.env, ...this.#env() },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const file = createWriteStream(this.home.file(log), { flags: "a" });
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    this.#processes.push(child);
  }

  #files(): { ca: string; cert: string; key: string } | undefined {
    if (this.#options.insecure === true) return undefined;
    const file = (name: string) => this.home.file(name);
    return { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
  }

  #tlsFlags(): string[] {
    const files = this.#files();
    if (files === undefined) return [];
    return ["--tls-ca-file", files.ca, "--tls-cert", files.cert, "--tls-key", files.key];
  }

  #env(): Record<string, string> {
    const files = this.#files();
    const tls: Record<string, string> = {};
    if (files !== undefined) {
      const prefix = "DASK_DISTRIBUTED__COMM__";
      tls[`${prefix}REQUIRE_ENCRYPTION`] = "True";
      tls[`${prefix}TLS__CA_FILE`] = files.ca;
      for (const role of ["SCHEDULER", "WORKER", "CLIENT"]) {
        tls[`${prefix}TLS__${role}__CERT`] = files.cert;
        tls[`${prefix}TLS__${role}__KEY`] = files.key;
      }
    }
    return { NO_COLOR: "1", PYTHONWARNINGS: "ignore", ...tls };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
