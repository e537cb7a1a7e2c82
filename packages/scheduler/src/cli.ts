// The command `acme-scheduler`, with the flags of `dask scheduler`. The only file of this package
// that may use signals, the environment and process exit.
import { rmSync, writeFileSync } from "node:fs";
import { isAcmeError } from "@acme/protocol";
import { CommanderError } from "commander";
import { command, type Flags, optionsOf, UsageError } from "./cli-flags.js";
import { httpLines } from "./http-lines.js";
import { removeContactFile, writeContactFile } from "./shell/contact-file.js";
import { parseHttpAddress } from "./shell/http-address.js";
import { hostScheduler } from "./shell/scheduler-host.js";
import type { SchedulerServer } from "./shell/scheduler-server.js";

const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;

async function main(): Promise<void> {
  const flags = command().parse().opts<Flags>();
  const options = { ...optionsOf(flags), validate: process.env.ACME_VALIDATE === "1" };
  writePidFile(flags.pidFile);
  const scheduler = await hostScheduler(options);
  try {
    announce(scheduler, flags);
  } catch (error) {
    await scheduler.close("it could not be announced");
    throw error;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      // Whoever asks a second time does not want to wait.
      process.once(signal, () => process.exit(exitCodeOf[signal]));
      void scheduler.close(`the scheduler received ${signal}`);
    });
  }
  const { reason, error } = await scheduler.ended;
  process.stderr.write(`Scheduler ended: ${reason}\n`);
  process.exitCode = error === undefined ? 0 : 1;
}

function announce(scheduler: SchedulerServer, flags: Flags): void {
  const { schedulerFile } = flags;
  if (schedulerFile !== undefined) {
    writeContactFile(schedulerFile, scheduler);
    process.on("exit", () => removeContactFile(schedulerFile, scheduler));
  }
  process.stderr.write(`Scheduler at: ${scheduler.addresses.join(", ")}\n`);
  if (scheduler.httpPort === null) return;
  const { host } = parseHttpAddress(flags.dashboardAddress);
  const lines = httpLines({ host, port: scheduler.httpPort }, null);
  process.stderr.write(`${lines.join("\n")}\n`);
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
  await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (isAcmeError(error)) {
    process.stderr.write(`acme-scheduler: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
