// From the flags of `acme-worker` to the options of its workers and nannies. Starts nothing.
// Must not know how flags are read (cli-flags.ts). Corresponds to the body of dask's
// distributed/cli/dask_worker.py.
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { interfaceAddress, readSecurity, type Security } from "@acme/comm";
import { parseDurationMs } from "@acme/config/units";
import { isAcmeError } from "@acme/protocol";
import { type Flags, UsageError } from "./cli-flags.js";
import type { FoundScheduler } from "./find-scheduler.js";
import { shareGpus, visibleGpus } from "./gpus.js";
import type { NanniedWorker } from "./nanny/shell/run-with-nannies.js";
import { shellLimits } from "./shell/limits.js";
import { defaultWorkFolder } from "./shell/work-folder.js";
import { dealPorts } from "./worker-ports.js";
import { type Machine, memoryLimitBytes, workerShape } from "./worker-shape.js";

export interface Surroundings extends Machine {
  /** Name of the workers if none is given. */
  readonly name: string;
  readonly validate: boolean;
  /** Where a batch system may have named the GPUs of its job. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws UsageError and others that name the flag */
export function workersOf(
  flags: Flags,
  { address: scheduler, security }: FoundScheduler,
  here: Surroundings,
): NanniedWorker[] {
  const shape = workerShape(flags.nworkers, flags.nthreads, here);
  if (shape === null) {
    throw new UsageError(
      `--nworkers: ${JSON.stringify(flags.nworkers)} makes no workers; give a number, or auto`,
    );
  }
  refuseContradictions(flags, shape.nworkers);
  const { nworkers } = shape;
  const base = flags.name ?? here.name;
  const shared = {
    scheduler,
    contactAddress: flags.contactAddress,
    nthreads: shape.nthreads,
    memoryLimitBytes: about("--memory-limit", () =>
      memoryLimitBytes(flags.memoryLimit, shape, here),
    ),
    localDirectory: flags.localDirectory ?? defaultWorkFolder(),
    resources: resourcesOf(flags.resources),
    nanny: null,
    security,
    logLevel: flags.logLevel,
    validate: here.validate,
    deathTimeoutMs: deathTimeoutMs(flags),
    leaveGraceMs: flags.lifetime === undefined ? undefined : shellLimits.lifetimeGraceMs,
  };
  const place = listenPlace(flags, scheduler);
  const gpus = gpusOf(flags, nworkers, here);
  const { nannyPort, workerPort = place.port } = flags;
  return dealPorts({ nworkers, nannyPort, workerPort }).map((ports, index) => ({
    worker: {
      ...shared,
      ...gpus?.[index],
      name: nworkers === 1 ? base : `${base}-${index}`,
      listen: ports.worker.map((port) => `${place.root}:${port}`),
    },
    nannyListen: ports.nanny.map((port) => `${place.root}:${port}`),
  }));
}

/** Certificates of the command line, if there are any. */
export const securityOf = (flags: Flags): Security | undefined => readSecurity(flags);

export function deathTimeoutMs({ deathTimeout }: Flags): number | null {
  if (deathTimeout === undefined) return null;
  return about("--death-timeout", () => parseDurationMs(deathTimeout));
}

/** @param random - 0 to 1, for the stagger */
export function lifetimeMs({ lifetime, lifetimeStagger }: Flags, random: number): number | null {
  if (lifetime === undefined) return null;
  const staggerMs = about("--lifetime-stagger", () => parseDurationMs(lifetimeStagger));
  const ms = about("--lifetime", () => parseDurationMs(lifetime));
  return Math.max(0, ms + (random * 2 - 1) * staggerMs);
}

/** dask's rules, in its words. */
function refuseContradictions(flags: Flags, nworkers: number): void {
  const { listenAddress, contactAddress, workerPort, host, nanny } = flags;
  if (nworkers > 1 && !nanny) {
    throw new UsageError("--no-nanny runs one worker: leave out --nworkers");
  }
  if (contactAddress !== undefined && listenAddress === undefined) {
    throw new UsageError("--contact-address needs --listen-address");
  }
  if (listenAddress === undefined) return;
  if (nworkers > 1) throw new UsageError("--listen-address is for one worker, not --nworkers");
  if (workerPort !== undefined || host !== undefined) {
    throw new UsageError("--listen-address already names what --host and --worker-port name");
  }
}

function listenPlace(flags: Flags, scheduler: string): { root: string; port: string | undefined } {
  const { listenAddress } = flags;
  if (listenAddress !== undefined) {
    const parts = /^([a-z]+:\/\/.*):(\d+)$/.exec(listenAddress);
    if (parts !== null) return { root: parts[1] as string, port: parts[2] };
    throw new UsageError(`--listen-address: ${listenAddress} is not like tls://0.0.0.0:9000`);
  }
  const protocol = flags.protocol ?? scheduler.slice(0, scheduler.indexOf("://"));
  const host = hostOf(flags, scheduler);
  return { root: `${protocol}://${host.includes(":") ? `[${host}]` : host}`, port: undefined };
}

function hostOf(flags: Flags, scheduler: string): string {
  if (flags.host !== undefined) return flags.host.replace(/^\[|\]$/g, "");
  if (flags.interface !== undefined) return interfaceAddress(flags.interface);
  const far = hostIn(scheduler);
  if (isIP(far) !== 0 && !isOwnAddress(far)) {
    throw new UsageError(
      `The scheduler is on another machine (${far}), from which a worker that listens on ` +
        "127.0.0.1 cannot be reached: give --host or --interface",
    );
  }
  return "127.0.0.1";
}

function hostIn(address: string): string {
  const parts = /^[a-z]+:\/\/(?:\[([^\]]*)\]|([^:/]*))/.exec(address);
  return parts?.[1] ?? parts?.[2] ?? "";
}

function isOwnAddress(host: string): boolean {
  if (/^(127\.|0\.0\.0\.0$)/.test(host) || host === "::" || host === "::1") return true;
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some(({ address }) => address === host),
  );
}

/** What each worker has of them; undefined: nobody spoke of any. */
function gpusOf(flags: Flags, nworkers: number, { environment }: Surroundings) {
  if (flags.gpus === undefined) return undefined;
  const resources = resourcesOf(flags.resources);
  const shares = shareGpus(visibleGpus(flags.gpus, environment), nworkers);
  return shares.map(({ devices, announced }) => ({
    gpus: devices,
    resources: { ...(announced > 0 && { GPU: announced }), ...resources },
  }));
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

/** Says which flag a value was given for. */
function about<T>(flag: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    throw new UsageError(`${flag}: ${error.message}`, { cause: error });
  }
}
