// The command `acme-scheduler`, with the flags of `dask scheduler`. The only file of this package
// that may use signals, the environment and process exit.
import { rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { addressTowards, type SecurityFiles } from "@acme/comm";
import { removeContactFile, writeContactFile } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { CommanderError } from "commander";
import { command, type Flags, jobOf, optionsOf, UsageError } from "./cli-flags.js";
import { clusterOf, type SchedulersCluster } from "./cluster-of.js";
import { configuredCertificates } from "./configured-certificates.js";
import { httpLines } from "./http-lines.js";
import { inlineLess } from "./inline-less.js";
import { parseHttpAddress } from "./shell/http-address.js";
import { hostScheduler } from "./shell/scheduler-host.js";
import type { SchedulerServer } from "./shell/scheduler-server.js";
import { packageVersion } from "./shell/versions.js";

const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;

async function main(): Promise<void> {
  inlineLess();
  const flags = command().parse().opts<Flags>();
  if (flags.towards !== undefined) flags.host.push(await hostTowards(flags.towards));
  const options = {
    ...optionsOf(flags, configured(flags)),
    validate: process.env.ACME_VALIDATE === "1",
  };
  writePidFile(flags.pidFile);
  const cluster = await clusterOf({
    name: flags.name,
    security: options.security,
    job: jobOf(flags),
  });
  process.on("exit", () => cluster.release());
  const { security, token: httpToken } = cluster.directory;
  const scheduler = await hostScheduler({ ...options, security, httpToken });
  try {
    announce(scheduler, cluster, flags);
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

function announce(scheduler: SchedulerServer, cluster: SchedulersCluster, flags: Flags): void {
  const { schedulerFile } = flags;
  const { id, address, addresses, httpPort } = scheduler;
  const { id: jobId = process.env.SLURM_JOB_ID, restarts } = jobOf(flags) ?? {};
  const source = { id, address, addresses, httpPort, version: packageVersion, jobId, restarts };
  cluster.announce(source);
  const { name, folder } = cluster.directory;
  if (schedulerFile !== undefined) {
    writeContactFile(schedulerFile, { ...source, folder });
    process.on("exit", () => removeContactFile(schedulerFile, source));
  }
  const { host } = parseHttpAddress(flags.dashboardAddress);
  const lines = [
    `Scheduler at: ${addresses.join(", ")}`,
    `Cluster: ${name} (credentials in ${folder})`,
    `Workers: npx @acme/worker --cluster ${name}`,
    `Clients: Client.connect({ name: "${name}" }); for Python: npx @acme/acme env ${name}`,
    ...(httpPort === null ? [] : httpLines({ host, port: httpPort }, name)),
    ...(flags.insecure ? insecureLines(addresses) : []),
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
}

/** A cluster that is named has certificates of its own. */
function configured({ name, insecure }: Flags): SecurityFiles {
  if (name !== undefined || insecure) return {};
  try {
    return configuredCertificates(process.env, homedir());
  } catch (cause) {
    throw new UsageError(`Configuration: ${(cause as Error).message}`, { cause });
  }
}

/** Where machines on the way to another one find this one. */
async function hostTowards(host: string): Promise<string> {
  try {
    return await addressTowards(host);
  } catch (cause) {
    throw new UsageError(`--towards ${host}: ${(cause as Error).message}`, { cause });
  }
}

function insecureLines(addresses: readonly string[]): string[] {
  return [
    "WARNING: --insecure: connections are not encrypted and nobody is asked who they are.",
    `WARNING: Whoever can reach ${addresses.join(", ")} can run code as you and read your data.`,
  ];
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
