// The command `acme-scheduler`, with the flags of `dask scheduler`. The only file of this package
// that may use signals, the environment and process exit.
import { writeFileSync } from "node:fs";
import { interfaceAddress, readSecurity } from "@acme/comm";
import { parseDurationMs } from "@acme/config/units";
import { AcmeError } from "@acme/protocol";
import { Command, CommanderError, Option } from "commander";
import { writeContactFile } from "./shell/contact-file.js";
import { hostScheduler } from "./shell/scheduler-host.js";
import type { SchedulerServerOptions } from "./shell/scheduler-server.js";
import { packageVersion } from "./shell/versions.js";

interface Flags {
  host: string[];
  port: number;
  interface?: string;
  protocol: string;
  tlsCaFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  dashboard: boolean;
  dashboardAddress: string;
  pidFile?: string;
  schedulerFile?: string;
  idleTimeout?: string;
  logLevel: NonNullable<SchedulerServerOptions["logLevel"]>;
}

/** A flag of dask's command that cannot apply here, or a value that makes no sense. */
class UsageError extends AcmeError {
  readonly code = "USAGE";
}

const refused = ["preload", "preload-argv", "jupyter", "dashboard-prefix", "use-xheaders"];

function command(): Command {
  const many = (value: string, before: string[]) => [...before, value];
  const program = new Command("acme-scheduler")
    .description("Starts a scheduler that workers and clients connect to.")
    .version(packageVersion)
    .option("--host <host>", "listen here; may be given more than once", many, [])
    .option("--port <port>", "port of the scheduler; 0 takes a free one", Number, 8786)
    .option("--interface <name>", "network interface to listen on, such as ib0")
    .option("--protocol <scheme>", "tcp, tls, ws or wss", "tcp")
    .option("--tls-ca-file <file>", "authority of the certificates (PEM)")
    .option("--tls-cert <file>", "certificate of this scheduler (PEM)")
    .option("--tls-key <file>", "private key of this scheduler (PEM)")
    .option("--dashboard", "serve /health and /metrics over HTTP", true)
    .option("--no-dashboard", "do not serve HTTP")
    .option("--dashboard-address <host:port>", "address of the HTTP server", "127.0.0.1:8787")
    .option("--pid-file <file>", "write the process id here")
    .option("--scheduler-file <file>", "write the contact file here")
    .option("--idle-timeout <time>", "end when nothing happened for this long, such as 1h")
    .addOption(
      new Option("--log-level <level>").choices(["debug", "info", "warn", "error"]).default("info"),
    );
  for (const name of refused) {
    program.addOption(new Option(`--${name} <value>`).hideHelp().argParser(refuse(name)));
  }
  return program;
}

function refuse(name: string): () => never {
  return () => {
    throw new UsageError(`--${name} belongs to Python's scheduler and cannot apply here`);
  };
}

function optionsOf(flags: Flags): SchedulerServerOptions {
  const hosts = flags.host.length > 0 ? flags.host : [defaultHost(flags)];
  return {
    listen: hosts.map((host) => `${flags.protocol}://${bracketed(host)}:${flags.port}`),
    security: readSecurity(flags),
    httpAddress: flags.dashboard ? flags.dashboardAddress.replace(/^:/, "127.0.0.1:") : null,
    idleTimeoutMs: flags.idleTimeout === undefined ? null : parseDurationMs(flags.idleTimeout),
    logLevel: flags.logLevel,
    validate: process.env.ACME_VALIDATE === "1",
  };
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

const defaultHost = (flags: Flags): string =>
  flags.interface === undefined ? "127.0.0.1" : interfaceAddress(flags.interface);

async function main(): Promise<void> {
  const program = command().exitOverride().parse();
  const flags = program.opts<Flags>();
  const scheduler = await hostScheduler(optionsOf(flags));
  if (flags.pidFile !== undefined) writeFileSync(flags.pidFile, `${process.pid}\n`);
  if (flags.schedulerFile !== undefined) writeContactFile(flags.schedulerFile, scheduler);
  process.stderr.write(`Scheduler at: ${scheduler.addresses.join(", ")}\n`);
  if (scheduler.httpPort !== null) {
    process.stderr.write(`Health and metrics at: http://127.0.0.1:${scheduler.httpPort}/health\n`);
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void scheduler.close(`the scheduler received ${signal}`));
  }
  const { reason, error } = await scheduler.ended;
  process.stderr.write(`Scheduler ended: ${reason}\n`);
  process.exitCode = error === undefined ? 0 : 1;
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof AcmeError) {
    process.stderr.write(`acme-scheduler: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
