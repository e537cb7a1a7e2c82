// One ssh connection: a shell that prints a cluster directory, and forwards that are added to it,
// so that the user is asked for a password once. It ends with its standard input, thus with this
// process however that ends. Nothing secret is in a command line.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { TunnelError, UsageError } from "./errors.js";
import { commandLimits } from "./limits.js";
import {
  isComplete,
  parseRemoteCluster,
  type RemoteCluster,
  readingScript,
} from "./remote-cluster.js";

const folderPrefix = "acme-ssh-";

/** Those of programs that were killed: ssh ended by itself and took its socket away. */
function removeLeftFolders(): void {
  const before = Date.now() - commandLimits.sshFolderAgeMs;
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue;
    const folder = join(tmpdir(), name);
    try {
      // One in use has a socket in it, and is not removed.
      if (statSync(folder).mtimeMs < before) rmdirSync(folder);
    } catch {
      // In use, or somebody else's.
    }
  }
}

export interface SshOptions {
  /** `user@login`, or a host of the ssh configuration. */
  readonly target: string;
  /** Instead of the user's own ssh configuration. */
  readonly configFile?: string | undefined;
  /** Ends ssh. */
  readonly signal?: AbortSignal | undefined;
}

export class SshSession {
  /** Resolves when ssh has ended, with its exit code. */
  readonly ended: Promise<number | null>;
  readonly #options: SshOptions;
  /** For the socket through which forwards are added. */
  readonly #folder: string;
  readonly #process: ChildProcess;
  #spawnError: Error | undefined;

  /** @throws UsageError */
  constructor(options: SshOptions) {
    if (!/^[^-\s][^\s]*$/.test(options.target)) {
      throw new UsageError(`${JSON.stringify(options.target)} is no user@host for ssh`);
    }
    this.#options = options;
    removeLeftFolders();
    this.#folder = mkdtempSync(join(tmpdir(), folderPrefix));
    const alive = ["-o", `ServerAliveInterval=${commandLimits.sshAliveS}`];
    this.#process = spawn(
      "ssh",
      [...this.#shared(), "-M", "-T", ...alive, "-o", "ControlPersist=no", "--", options.target]
        // What it is to do comes through its standard input.
        .concat("sh", "-s"),
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    options.signal?.addEventListener("abort", () => this.#process.kill());
    this.ended = new Promise((resolve) => {
      this.#process.on("error", (error) => {
        this.#spawnError = error;
      });
      this.#process.on("close", (code) => {
        rmSync(this.#folder, { recursive: true, force: true });
        resolve(code);
      });
    });
    // Writing to one that ended says less than how it ended.
    this.#process.stdin?.on("error", () => {});
  }

  /** @throws TunnelError */
  async readCluster(name: string): Promise<RemoteCluster> {
    const mark = `acme-${randomBytes(12).toString("hex")}`;
    this.#process.stdin?.write(readingScript(name, mark));
    const output = this.#process.stdout as Readable;
    let text = "";
    // The connection must outlast what is read here.
    for await (const piece of output.iterator({ destroyOnReturn: false })) {
      text += String(piece);
      if (isComplete(text, mark)) return parseRemoteCluster(text, mark, name);
      if (text.length > commandLimits.remoteBytes) break;
    }
    if (text.length > commandLimits.remoteBytes) {
      throw new TunnelError(
        `${this.#options.target} sends too much: that is no cluster directory.`,
      );
    }
    const code = await this.ended;
    const why = this.#spawnError?.message ?? `it ended with code ${code}`;
    throw new TunnelError(`ssh to ${this.#options.target} failed: ${why}.`);
  }

  /**
   * Opens a port on this machine's loopback that leads to one as the other machine sees it.
   *
   * @returns the port here: the same number if that is free
   * @throws TunnelError
   */
  async forward(host: string, port: number): Promise<number> {
    const there = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    let why = "";
    for (let attempt = 0; attempt < commandLimits.portTries; attempt++) {
      const here = await freePort(attempt === 0 ? port : 0);
      const args = ["-O", "forward", "-L", `127.0.0.1:${here}:${there}`];
      why = await run("ssh", [...this.#shared(), ...args, "--", this.#options.target]);
      if (why === "") return here;
    }
    throw new TunnelError(`ssh cannot forward a port to ${there}: ${why}`);
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill(), commandLimits.sshCloseMs);
    await this.ended;
    clearTimeout(timer);
  }

  #shared(): string[] {
    const { configFile } = this.#options;
    const control = ["-S", join(this.#folder, "control")];
    return configFile === undefined ? control : ["-F", configFile, ...control];
  }
}

/** What went wrong; empty if nothing. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, (error, _, stderr) => {
      resolve(error === null ? "" : stderr.trim() || error.message);
    });
  });
}

/** @param wished - taken if it is free; 0: any */
function freePort(wished: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(freePort(0)));
    server.listen(wished, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
