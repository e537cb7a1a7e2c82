// The flags of `acme-worker`: those of `dask worker`, by the same names. What cannot apply here is
// refused by name. Describes and checks; options are made of them elsewhere.

import { AcmeError } from "@acme/protocol";
import { Command, InvalidArgumentError, Option } from "commander";
import { packageVersion } from "./shell/versions.js";

export interface Flags {
  tlsCaFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  workerPort?: string;
  nannyPort?: string;
  listenAddress?: string;
  contactAddress?: string;
  host?: string;
  interface?: string;
  protocol?: string;
  nthreads?: number;
  nworkers: string;
  name?: string;
  memoryLimit: string;
  nanny: boolean;
  pidFile?: string;
  localDirectory?: string;
  resources?: string;
  gpus?: number;
  schedulerFile?: string;
  cluster?: string;
  deathTimeout?: string;
  lifetime?: string;
  lifetimeStagger: string;
  logLevel: "debug" | "info" | "warn" | "error";
}

/** A flag that cannot apply here, or a value that makes no sense. */
export class UsageError extends AcmeError {
  readonly code = "USAGE";
}

/** The command line; parsing it throws UsageError for what is refused. */
export function command(): Command {
  const program = new Command("acme-worker")
    .description("Starts workers that run the tasks of a scheduler.")
    .version(packageVersion, "--version")
    .argument("[scheduler]", "address of the scheduler, such as tls://10.0.0.1:8786")
    .option("--tls-ca-file <file>", "authority of the certificates (PEM)")
    .option("--tls-cert <file>", "certificate of this worker (PEM)")
    .option("--tls-key <file>", "private key of this worker (PEM)")
    .option("--worker-port <port>", "port for other workers, or a range 3000:3026")
    .option("--nanny-port <port>", "port of the nanny, or a range 3000:3026")
    .option("--listen-address <address>", "where to listen, such as tls://0.0.0.0:9000")
    .option("--contact-address <address>", "what others are told instead of the listen address")
    .option("--host <host>", "host or address to listen on; auto: the one towards the scheduler")
    .option("--interface <name>", "network interface to listen on, such as ib0")
    .option("--protocol <scheme>", "tcp, tls, ws or wss (default: that of the scheduler)")
    .option("--nthreads <n>", "tasks that each worker runs at once", positive)
    .option("--nworkers <n>", "worker processes; -1: one per core, or auto", "1")
    .option("--name <name>", "a name that is unique in the cluster")
    .option("--memory-limit <size>", 'of each worker: "4 GiB", 0.5, auto, or 0 for none', "auto")
    .option("--nanny", "restart workers that die", true)
    .option("--no-nanny", "run one worker in this very process")
    .option("--pid-file <file>", "write the process id here")
    .option("--local-directory <folder>", "where values that do not fit in memory go")
    .option("--resources <list>", 'such as "GPU=2 MEM=1e9"')
    .option(
      "--gpus <n>",
      "GPUs for these workers, unless CUDA_VISIBLE_DEVICES names them",
      positive,
    )
    .option("--cluster <name>", "name or directory of the cluster (default: ACME_CLUSTER)")
    .option("--scheduler-file <file>", "find the scheduler through its contact file")
    .option("--death-timeout <time>", "give up when there is no scheduler for this long")
    .option("--lifetime <time>", "leave after this long, handing over what is held")
    .option("--lifetime-stagger <time>", "vary the lifetime by up to this much", "0 s")
    .addOption(
      new Option("--log-level <level>").choices(["debug", "info", "warn", "error"]).default("info"),
    );
  return withDasksOwn(program).exitOverride();
}

const withValue = [
  "--preload",
  "--preload-nanny",
  "--worker-class",
  "--scheduler-sni",
  "--dashboard-address",
  "--dashboard-prefix",
];

/** Flags that only Python's worker can follow; asking for what they leave out is fine. */
function withDasksOwn(program: Command): Command {
  const refuse = (name: string) => () => {
    throw new UsageError(`${name} belongs to Python's worker and cannot apply here`);
  };
  for (const name of withValue) {
    program.addOption(new Option(`${name} <value>`).hideHelp().argParser(refuse(name)));
  }
  for (const name of ["dashboard", "lifetime-restart"]) {
    program.addOption(new Option(`--${name}`).hideHelp());
    program.addOption(new Option(`--no-${name}`).hideHelp());
    program.on(`option:${name}`, refuse(`--${name}`));
  }
  return program
    .argument("[preload_argv...]")
    .configureHelp({ visibleArguments: (cmd) => cmd.registeredArguments.slice(0, 1) })
    .usage("[options] [scheduler]\n       acme-worker doctor [options] [scheduler]")
    .action((_scheduler: string | undefined, preloadArgv: string[]) => {
      if (preloadArgv.length === 0) return;
      throw new UsageError(`unexpected ${JSON.stringify(preloadArgv[0])}: give one scheduler`);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number above 0.");
}
