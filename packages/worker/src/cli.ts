// The command `acme-worker`, with the flags of `dask worker`. The only file of this package that
// may use signals, the environment and process exit.
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, hostname } from "node:os";
import { addressTowards, parseAddress, plaintextWarning } from "@acme/comm";
import { isAcmeError } from "@acme/protocol";
import { CommanderError } from "commander";
import { command, type Flags, UsageError } from "./cli-flags.js";
import { deathTimeoutMs, lifetimeMs, securityOf, workersOf } from "./cli-options.js";
import { exitCodes } from "./core/limits.js";
import { type FoundScheduler, findScheduler } from "./find-scheduler.js";
import { runWithNannies } from "./nanny/shell/run-with-nannies.js";
import { exitCodeOf } from "./shell/exit-code.js";
import { machineMemoryBytes } from "./shell/machine.js";
import { runAlone } from "./shell/run-alone.js";

/** USR1 and USR2: how Grid Engine announces that a job will be stopped or killed. */
const signalExit = { SIGINT: 130, SIGTERM: 143, SIGUSR1: 138, SIGUSR2: 140 } as const;
/** Longest time a Node timer can wait. */
const timerMsMax = 2 ** 31 - 1;

async function main(): Promise<number> {
  const [, , first, ...rest] = process.argv;
  if (first === "doctor") return (await import("./doctor/doctor.js")).doctor(rest);
  const program = command().parse();
  const flags = program.opts<Flags>();
  const leave = new AbortController();
  for (const [signal, exitCode] of Object.entries(signalExit)) {
    process.on(signal, () => {
      // Whoever asks a second time does not want to wait.
      if (leave.signal.aborted) process.exit(exitCode);
      leave.abort(signal);
    });
  }
  writePidFile(flags.pidFile);
  let scheduler: FoundScheduler;
  try {
    scheduler = await findScheduler({
      address: program.args[0],
      schedulerFile: flags.schedulerFile,
      cluster: flags.cluster ?? process.env.ACME_CLUSTER,
      security: securityOf(flags),
      protocol: flags.protocol,
      deathTimeoutMs: deathTimeoutMs(flags),
      signal: leave.signal,
      say,
    });
  } catch (error) {
    if (leave.signal.aborted) return exitCodes.asked;
    throw error;
  }
  if (flags.host === "auto") flags.host = await ownHost(scheduler.address);
  const warning = plaintextWarning(scheduler.address);
  if (warning !== undefined) say(`WARNING: ${warning}`);
  return run(flags, scheduler, leave);
}

async function ownHost(scheduler: string): Promise<string> {
  try {
    return await addressTowards(parseAddress(scheduler).host);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new UsageError(`--host auto: no way to ${scheduler}: ${why}`, { cause });
  }
}

const say = (line: string) => process.stderr.write(`acme-worker: ${line}\n`);

function run(flags: Flags, scheduler: FoundScheduler, leave: AbortController): Promise<number> {
  const workers = workersOf(flags, scheduler, {
    cores: availableParallelism(),
    memoryBytes: machineMemoryBytes(),
    name: `${hostname()}-${process.pid}`,
    validate: process.env.ACME_VALIDATE === "1",
    environment: process.env,
  });
  const ms = lifetimeMs(flags, Math.random());
  if (ms !== null) after(ms, () => leave.abort("the lifetime is over"));
  const [first] = workers;
  if (!flags.nanny && first !== undefined) {
    const { gpus } = first.worker;
    if (gpus !== undefined) process.env.CUDA_VISIBLE_DEVICES = gpus.join(",");
    return runAlone(first.worker, leave.signal);
  }
  const entry = createRequire(import.meta.url).resolve("@acme/worker/worker-process");
  return runWithNannies({ workers, entry, signal: leave.signal });
}

function after(ms: number, act: () => void): void {
  const next = () => (ms > timerMsMax ? after(ms - timerMsMax, act) : act());
  setTimeout(next, Math.min(ms, timerMsMax)).unref();
}

function writePidFile(path: string | undefined): void {
  if (path === undefined) return;
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (cause) {
    throw new UsageError(`--pid-file: ${(cause as Error).message}`, { cause });
  }
  process.on("exit", () => rmSync(path, { force: true }));
}

try {
  // Ends now, whatever a task may have left open in this process.
  process.exit(await main());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (isAcmeError(error)) {
    process.stderr.write(`acme-worker: ${error.message}\n`);
    process.exitCode = isAcmeError(error, "SCHEDULER_LOST") ? exitCodeOf(error) : 1;
  } else throw error;
}
