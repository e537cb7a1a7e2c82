// The flags of `acme-scheduler`: those of `dask scheduler`, by the same names. What cannot apply
// here is refused by name. Turns flags into options and starts nothing.
import { interfaceAddress, plaintextWarning, readSecurity, type SecurityFiles } from "@acme/comm";
import { parseDurationMs } from "@acme/config/units";
import type { JobLife } from "@acme/credentials";
import { AcmeError, isAcmeError } from "@acme/protocol";
import { Command, Option } from "commander";
import { listenAddresses } from "./listen-addresses.js";
import { parseHttpAddress } from "./shell/http-address.js";
import type { SchedulerServerOptions } from "./shell/scheduler-server.js";
import { packageVersion } from "./shell/versions.js";

export interface Flags {
  host: string[];
  port?: string;
  interface?: string;
  towards?: string;
  job?: string;
  jobRestarts?: string;
  protocol?: string;
  name?: string;
  insecure?: boolean;
  tlsCaFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  dashboard: boolean;
  dashboardAddress: string;
  pidFile?: string;
  schedulerFile?: string;
  idleTimeout?: string;
  python?: string;
  logLevel: NonNullable<SchedulerServerOptions["logLevel"]>;
}

/** A flag that cannot apply here, or a value that makes no sense. */
export class UsageError extends AcmeError {
  readonly code = "USAGE";
}

/** The command line; parsing it throws UsageError for what is refused. */
export function command(): Command {
  const many = (value: string, before: string[]) => [...before, value];
  const program = new Command("acme-scheduler")
    .description("Starts a scheduler that workers and clients connect to.")
    .version(packageVersion, "--version")
    .option("--host <host>", "listen here: a name, an address or a URI; may be repeated", many, [])
    .option("--port <port>", "port of the scheduler; 0 takes a free one (default: 8786)")
    .option("--interface <name>", "network interface to listen on, such as ib0")
    .option("--towards <host>", "listen on the address that this machine has on the way there")
    .option("--job <id>", "batch job that this scheduler runs in, for the contact file")
    .option("--job-restarts <n>", "how often that job was started again (default: 0)")
    .option("--protocol <scheme>", "tls or wss; with --insecure also tcp or ws (default: tls)")
    .option("--name <name>", "of the cluster: its credentials are in ~/.acme/clusters/<name>")
    .option("--insecure", "no encryption: whoever reaches the port can run code as you")
    .option("--tls-ca-file <file>", "authority of the certificates (PEM)")
    .option("--tls-cert <file>", "certificate of this scheduler (PEM)")
    .option("--tls-key <file>", "private key of this scheduler (PEM)")
    .option("--dashboard", "serve /status, /metrics and /health over HTTP", true)
    .option("--no-dashboard", "do not serve HTTP")
    .option("--dashboard-address <host:port>", "address of the HTTP server", "127.0.0.1:8787")
    .option("--pid-file <file>", "write the process id here")
    .option("--scheduler-file <file>", "write the contact file here")
    .option("--python <executable>", "unfolds graphs of Python clients; none: only workers do")
    .option("--idle-timeout <time>", "end when nothing happened for this long, such as 1h")
    .addOption(
      new Option("--log-level <level>").choices(["debug", "info", "warn", "error"]).default("info"),
    );
  return withDasksOwn(program).exitOverride();
}

/** Flags that only Python's scheduler can follow; asking for what they leave out is fine. */
function withDasksOwn(program: Command): Command {
  const refuse = (name: string) => () => {
    throw new UsageError(`${name} belongs to Python's scheduler and cannot apply here`);
  };
  for (const name of ["--preload", "--dashboard-prefix"]) {
    program.addOption(new Option(`${name} <value>`).hideHelp().argParser(refuse(name)));
  }
  program.on("option:jupyter", refuse("--jupyter"));
  for (const name of ["--jupyter", "--no-jupyter", "--show", "--no-show"]) {
    program.addOption(new Option(name).hideHelp());
  }
  const xheaders = (value: string) => {
    if (!/^(false|f|no|n|off|0)$/i.test(value)) refuse("--use-xheaders")();
  };
  program.addOption(new Option("--use-xheaders <boolean>").hideHelp().argParser(xheaders));
  return program
    .argument("[preload_argv...]")
    .configureHelp({ visibleArguments: () => [] })
    .usage("[options]")
    .action((preloadArgv: string[]) => {
      if (preloadArgv.length === 0) return;
      throw new UsageError(`unexpected ${JSON.stringify(preloadArgv[0])}: all settings are flags`);
    });
}

/** The batch job that the flags name. @throws UsageError */
export function jobOf({ job, jobRestarts = "0" }: Flags): JobLife | undefined {
  if (!/^\d{1,9}$/.test(jobRestarts)) {
    throw new UsageError(`--job-restarts: ${JSON.stringify(jobRestarts)} is no number`);
  }
  return job === undefined ? undefined : { id: job, restarts: Number(jobRestarts) };
}

/**
 * @param configured - certificates of the configuration, for want of flags
 * @throws UsageError naming the flag
 */
export function optionsOf(flags: Flags, configured: SecurityFiles = {}): SchedulerServerOptions {
  const security = readSecurity(flags) ?? readSecurity(configured);
  const { idleTimeout, dashboardAddress, insecure = false } = flags;
  if (flags.dashboard) about("--dashboard-address", () => parseHttpAddress(dashboardAddress));
  const listen = listenAddresses({
    hosts: [...flags.host, ...split(flags.interface).map(interfaceAddress)],
    protocols: split(flags.protocol ?? (insecure ? "tcp" : "tls")),
    ports: split(flags.port),
  });
  refusePlaintext(listen, insecure);
  return {
    listen,
    security,
    httpAddress: flags.dashboard ? dashboardAddress : null,
    idleTimeoutMs:
      idleTimeout === undefined
        ? null
        : about("--idle-timeout", () => parseDurationMs(idleTimeout)),
    logLevel: flags.logLevel,
    python: flags.python === "none" ? null : flags.python,
  };
}

/** Nobody gets a scheduler that anybody can command without having asked for it. */
function refusePlaintext(listen: readonly string[], insecure: boolean): void {
  const plain = listen.find((address) => plaintextWarning(address) !== undefined);
  if (plain === undefined || insecure) return;
  throw new UsageError(
    `${plain} is not encrypted: whoever can reach it could run code as you. Leave --protocol out ` +
      "for tls, or add --insecure if that is what you want",
  );
}

const split = (list: string | undefined): string[] =>
  list === undefined ? [] : list.split(",").map((item) => item.trim());

/** Says which flag a value was given for. */
function about<T>(flag: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    throw new UsageError(`${flag}: ${error.message}`, { cause: error });
  }
}
