// Runs the batch system's commands: never through a shell, few at once, not too often, each in
// bounded time, more slowly while the system is busy. What they print is not read here.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "../drivers/driver.js";
import { CommandError } from "../errors.js";
import { shellLimits } from "./limits.js";
import { isTransient } from "./transient.js";

/** What the output means must not depend on where a user lives, nor on how much there is. */
const environment = {
  LC_ALL: "C",
  SLURM_TIME_FORMAT: "%s",
  // Indices of an array in full length, not shortened with dots.
  SLURM_BITSTR_LEN: "0",
};

export class Commands {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** When the last command that may start would start if they came in even steps. */
  #stepAtMs = 0;
  #spacingMs: number = shellLimits.commandSpacingMs;
  /** Commands started so far. */
  started = 0;

  /**
   * @param timeoutMs - until it is taken as failed
   * @returns what it printed
   * @throws CommandError
   */
  async run(command: Command, timeoutMs: number = shellLimits.commandTimeoutMs): Promise<string> {
    await this.#turn();
    try {
      const output = await execute(command, timeoutMs);
      this.#spacingMs = shellLimits.commandSpacingMs;
      return output;
    } catch (error) {
      if (error instanceof CommandError && error.transient) {
        this.#spacingMs = Math.min(this.#spacingMs * 2, shellLimits.busySpacingMaxMs);
      }
      throw error;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#running >= shellLimits.commandsAtOnce) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    this.started += 1;
    const nowMs = performance.now();
    this.#stepAtMs = Math.max(this.#stepAtMs, nowMs) + this.#spacingMs;
    const pauseMs = this.#stepAtMs - this.#spacingMs * shellLimits.commandBurst - nowMs;
    if (pauseMs > 0) await sleep(pauseMs);
  }
}

async function execute(command: Command, timeout: number): Promise<string> {
  if (command.file === undefined) return executeAs(command, timeout);
  const folder = await mkdtemp(join(tmpdir(), "acme-job-"));
  try {
    const path = join(folder, "script");
    await writeFile(path, command.file);
    return await executeAs({ ...command, argv: [...command.argv, path] }, timeout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function executeAs({ argv, stdin, forgives }: Command, timeout: number): Promise<string> {
  const [file = "", ...args] = argv;
  // Not before it is needed: it takes longer to load than all the rest of this package.
  const { execa } = await import("execa");
  const result = await execa(file, args, {
    ...(stdin === undefined ? { stdin: "ignore" as const } : { input: stdin }),
    env: environment,
    timeout,
    maxBuffer: shellLimits.commandOutputBytes,
    stripFinalNewline: false,
    reject: false,
  });
  const { stderr, stdout, timedOut, exitCode = null, code } = result;
  if (!result.failed || isForgiven(stderr, forgives)) return stdout;
  const said = stderr.trim() || stdout.trim().slice(0, 1_000);
  throw new CommandError(
    {
      argv,
      exitCode,
      stderr,
      transient: timedOut || isTransient(stderr),
      isMissing: code === "ENOENT",
      why: reason({ timedOut, timeoutMs: timeout, exitCode, code, said }),
    },
    result,
  );
}

function isForgiven(stderr: string, forgives: RegExp | undefined): boolean {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  if (forgives === undefined) return false;
  return lines.length === 0 ? forgives.test("") : lines.every((line) => forgives.test(line));
}

interface Ending {
  timedOut: boolean;
  timeoutMs: number;
  exitCode: number | null;
  code: string | undefined;
  said: string;
}

function reason({ timedOut, timeoutMs, exitCode, code, said }: Ending): string {
  if (timedOut) return `no answer within ${timeoutMs / 1000} s`;
  if (code === "ENOENT") return "there is no such command on this machine";
  const how = exitCode === null ? "it was ended" : `exit code ${exitCode}`;
  return said === "" ? how : `${how}: ${said}`;
}
