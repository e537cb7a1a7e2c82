// A process with all that it starts, which ends when it is told to, and at the latest with this
// one. Keeps the last lines that it said. Knows no command.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const keptBytes = 16_000;
/** For a process to end by itself once it is asked to. */
const graceMs = 5_000;

const running = new Set<Supervised>();
process.on("exit", () => {
  for (const one of running) one.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

export interface SupervisedOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export class Supervised {
  readonly #child: ChildProcess;
  #said = "";
  readonly ended: Promise<void>;

  constructor(file: string, args: readonly string[], { env, cwd }: SupervisedOptions) {
    const child = spawn(file, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      cwd,
    });
    this.#child = child;
    running.add(this);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    }
    child.on("error", (error) => this.#keep(error.message));
    const gone = () => {
      this.kill("SIGKILL");
      running.delete(this);
    };
    // Not "close": what the process started may hold its output open.
    this.ended = once(child, "exit").then(gone, gone);
  }

  #keep(text: string): void {
    this.#said = (this.#said + text).slice(-keptBytes);
  }

  /** The last of what it said, on both outputs. */
  get said(): string {
    return this.#said;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** How it ended, in words. */
  get end(): string {
    const { exitCode, signalCode } = this.#child;
    return signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
  }

  /** To the process and all of its group. */
  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#child.pid!, signal);
    } catch {
      // The group is gone.
    }
  }

  async stop(): Promise<void> {
    if (!this.hasEnded) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), graceMs);
    await this.ended;
    clearTimeout(timer);
  }
}
