// One process of a system under test, in a process group of its own: its lines, its end, and what
// it said when it fails. Knows no command.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { createInterface } from "node:readline";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const keptLines = 40;

/** A running process whose standard output is read as lines. */
export class BenchProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #said: string[] = [];
  #arrived: (() => void) | undefined;
  #closed = false;
  readonly startedMs = performance.now();
  readonly ended: Promise<void>;

  constructor({ file, args, env, cwd }: Command) {
    const child = spawn(file, args, {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
      cwd,
    });
    this.#child = child;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.#lines.push(line);
      this.#arrived?.();
    });
    createInterface({ input: child.stderr! }).on("line", (line) => {
      this.#said.push(line);
      this.#said.splice(0, this.#said.length - keptLines);
    });
    child.stdin!.on("error", () => {});
    child.on("error", (error) => this.#said.push(error.message));
    const closed = () => {
      this.#closed = true;
      this.#arrived?.();
    };
    this.ended = once(child, "close").then(closed, closed);
  }

  /** Number of its process group. */
  get group(): number {
    return this.#child.pid ?? -1;
  }

  get hasEnded(): boolean {
    return this.#closed;
  }

  send(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /**
   * The next line that begins with a word; others before it are passed over.
   *
   * @returns what follows the word
   * @throws Error with the last lines of standard error if the process ends, or nothing comes
   */
  async line(word: string, timeoutMs: number): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    while (true) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
        if (line === word || line.startsWith(`${word} `)) return line.slice(word.length + 1);
      }
      if (this.#closed) {
        throw this.failure(`ended before it said "${word}"`);
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw this.failure(`did not say "${word}" within ${timeoutMs} ms`);
      await this.#more(leftMs);
    }
  }

  failure(what: string): Error {
    const command = this.#child.spawnargs
      .slice(0, 2)
      .map((each) => basename(each))
      .join(" ");
    return new Error(`${command} ${what}:\n${this.#said.join("\n")}`);
  }

  /** Lets it end by itself: closes its standard input, then kills what is left. */
  async end(withinMs = 20_000): Promise<void> {
    this.#child.stdin!.end();
    const timer = setTimeout(() => void this.kill(), withinMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the whole group; waits until the process is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It has ended by itself.
    }
    await this.ended;
  }

  #more(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#arrived = () => {
        clearTimeout(timer);
        this.#arrived = undefined;
        resolve();
      };
    });
  }
}
