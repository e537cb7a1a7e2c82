// The command `acme-worker`, with the flags of `dask worker`. The only file of this package that
// may use signals, the environment and process exit.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { interfaceAddress, readSecurity } from "@acme/comm";
import { parseBytes, parseDurationMs } from "@acme/config/units";
import { AcmeError } from "@acme/protocol";
import { Command, CommanderError, Option } from "commander";
import { runWithNannies } from "./nanny/shell/run-with-nannies.js";
import { runAlone } from "./shell/run-alone.js";
import { packageVersion } from "./shell/versions.js";
import type { WorkerServerOptions } from "./shell/worker-options.js";

interface Flags {
  tlsCaFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  workerPort: number;
  nannyPort: number;
  listenAddress?: string;
  host?: string;
  interface?: string;
  protocol?: string;
  nthreads?: number;
  nworkers: number;
  name?: string;
  memoryLimit: string;
  nanny: boolean;
  pidFile?: string;
  localDirectory?: string;
  resources?: string;
  schedulerFile?: string;
  deathTimeout?: string;
  lifetime?: string;
  lifetimeStagger: string;
  logLevel: "debug" | "info" | "warn" | "error";
}

/** A flag that cannot apply here, or a value that makes no sense. */
class UsageError extends AcmeError {
  readonly code = "USAGE";
}

const refused = ["preload", "preload-argv", "preload-nanny", "worker-class", "scheduler-sni"];

function command(): Command {
  const program = new Command("acme-worker")
    .description("Starts workers that run the tasks of a scheduler.")
    .version(packageVersion)
    .argument("[scheduler]", "address of the scheduler, such as tcp://10.0.0.1:8786")
    .option("--tls-ca-file <file>", "authority of the certificates (PEM)")
    .option("--tls-cert <file>", "certificate of this worker (PEM)")
    .option("--tls-key <file>", "private key of this worker (PEM)")
    .option("--worker-port <port>", "port for other workers; 0 takes a free one", Number, 0)
    .option("--nanny-port <port>", "port of the nanny; 0 takes a free one", Number, 0)
    .option("--listen-address <address>", "where to listen, such as tcp://0.0.0.0:9000")
    .option("--host <host>", "host or address to listen on")
    .option("--interface <name>", "network interface to listen on, such as ib0")
    .option("--protocol <scheme>", "tcp, tls, ws or wss; that of the scheduler's address")
    .option("--nthreads <n>", "tasks that each worker runs at once", Number)
    .option("--nworkers <n>", "worker processes", Number, 1)
    .option("--name <name>", "a name that is unique in the cluster")
    .option("--memory-limit <size>", 'of each worker: "4 GiB", 0.5, auto, or 0 for none', "auto")
    .option("--nanny", "restart workers that die", true)
    .option("--no-nanny", "run one worker in this very process")
    .option("--pid-file <file>", "write the process id here")
    .option("--local-directory <folder>", "where values that do not fit in memory go")
    .option("--resources <list>", 'such as "GPU=2 MEM=1e9"')
    .option("--scheduler-file <file>", "read the scheduler's address from its contact file")
    .option("--death-timeout <time>", "give up when there is no scheduler for this long")
    .option("--lifetime <time>", "leave after this long, handing over what is held")
    .option("--lifetime-stagger <time>", "vary the lifetime by up to this much", "0 s")
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
    throw new UsageError(`--${name} belongs to Python's worker and cannot apply here`);
  };
}

function schedulerAddress(argument: string | undefined, flags: Flags): string {
  if (argument !== undefined) return argument.includes("://") ? argument : `tcp://${argument}`;
  if (flags.schedulerFile === undefined) {
    throw new UsageError("Give the address of a scheduler, or --scheduler-file");
  }
  const contact = JSON.parse(readFileSync(flags.schedulerFile, "utf8")) as { address?: unknown };
  if (typeof contact.address === "string") return contact.address;
  throw new UsageError(`${flags.schedulerFile} names no address; is it a scheduler's file?`);
}

function listenAddress(scheduler: string, flags: Flags): string {
  if (flags.listenAddress !== undefined) return flags.listenAddress;
  const protocol = flags.protocol ?? scheduler.slice(0, scheduler.indexOf("://"));
  const host = flags.host ?? defaultHost(flags);
  return `${protocol}://${host.includes(":") ? `[${host}]` : host}:${flags.workerPort}`;
}

/** dask's rule: a share of the machine by threads, a fraction of it, or bytes; 0 is no limit. */
function memoryLimitBytes(text: string, nthreads: number, nworkers: number): number | null {
  if (text === "auto") {
    const share = Math.min(1, (nthreads * nworkers) / availableParallelism());
    return Math.floor((totalmem() * share) / nworkers);
  }
  const bytes = parseBytes(text, { wholeBytes: totalmem() });
  return bytes === 0 ? null : bytes;
}

function resourcesOf(text: string | undefined): Record<string, number> {
  const pairs = (text ?? "").split(/[\s,]+/).filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, value] = pair.split("=");
      if (name && value && Number.isFinite(Number(value))) return [name, Number(value)];
      throw new UsageError(`--resources wants NAME=NUMBER pairs, not "${pair}"`);
    }),
  );
}

function workersOf(argument: string | undefined, flags: Flags): WorkerServerOptions[] {
  const scheduler = schedulerAddress(argument, flags);
  const nworkers = positive("--nworkers", flags.nworkers);
  const shared = Math.max(1, Math.floor(availableParallelism() / nworkers));
  const nthreads = positive("--nthreads", flags.nthreads ?? shared);
  const base = flags.name ?? `${hostname()}-${process.pid}`;
  return Array.from({ length: nworkers }, (_, index) => ({
    scheduler,
    listen: listenAddress(scheduler, flags),
    name: nworkers === 1 ? base : `${base}-${index}`,
    nthreads,
    memoryLimitBytes: memoryLimitBytes(flags.memoryLimit, nthreads, nworkers),
    localDirectory: flags.localDirectory ?? join(tmpdir(), "acme-worker-space"),
    resources: resourcesOf(flags.resources),
    nanny: null,
    security: readSecurity(flags),
    logLevel: flags.logLevel,
    validate: process.env.ACME_VALIDATE === "1",
    deathTimeoutMs: flags.deathTimeout === undefined ? null : parseDurationMs(flags.deathTimeout),
  }));
}

function positive(flag: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`${flag} must be a whole number above 0`);
}

function lifetimeMs(flags: Flags): number | null {
  if (flags.lifetime === undefined) return null;
  const staggerMs = parseDurationMs(flags.lifetimeStagger);
  return parseDurationMs(flags.lifetime) + (Math.random() * 2 - 1) * staggerMs;
}

const defaultHost = (flags: Flags): string =>
  flags.interface === undefined ? "127.0.0.1" : interfaceAddress(flags.interface);

async function main(): Promise<number> {
  const program = command().exitOverride().parse();
  const flags = program.opts<Flags>();
  const workers = workersOf(program.args[0], flags);
  if (flags.pidFile !== undefined) writeFileSync(flags.pidFile, `${process.pid}\n`);
  const leave = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => leave.abort(signal));
  }
  const ms = lifetimeMs(flags);
  if (ms !== null) setTimeout(() => leave.abort("the lifetime is over"), Math.max(ms, 0)).unref();
  const first = workers[0];
  if (!flags.nanny && first !== undefined && workers.length === 1) {
    return runAlone(first, leave.signal);
  }
  if (!flags.nanny) throw new UsageError("--no-nanny runs one worker: leave out --nworkers");
  const entry = fileURLToPath(new URL("./shell/worker-process.js", import.meta.url));
  return runWithNannies({ workers, entry, nannyPort: flags.nannyPort, signal: leave.signal });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof AcmeError || error instanceof SyntaxError) {
    process.stderr.write(`acme-worker: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
