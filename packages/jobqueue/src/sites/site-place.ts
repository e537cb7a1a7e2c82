// What of a site's data holds for this machine and this user: the folder of logs, the address and
// port towards the nodes. Where the machine is no part of the site, nothing of it holds.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, userInfo } from "node:os";
import type { JobQueueOptions } from "../cluster-options.js";
import { JobClusterError } from "../errors.js";
import type { Site } from "./site.js";

export async function optionsOfPlace(site: Site, now: Date): Promise<JobQueueOptions> {
  return { ...logOptions(site, now), ...(await networkOptions(site)) };
}

function logOptions({ logDirectory }: Site, now: Date): JobQueueOptions {
  if (logDirectory === undefined) return {};
  const fixed = logDirectory.slice(0, logDirectory.search(/\{|$/));
  if (!existsSync(fixed)) return {};
  const values = new Map([
    ["user", userInfo().username],
    ["stamp", stampOf(now)],
  ]);
  return {
    logDirectory: logDirectory.replace(/\{(\w+)\}/g, (all, name) => values.get(name) ?? all),
  };
}

/** `20261231-235959`, in local time as all clocks around the user. */
function stampOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

async function networkOptions(site: Site): Promise<JobQueueOptions> {
  const { schedulerNetwork, openPorts } = site;
  if (schedulerNetwork === undefined) return {};
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const host = all.find(({ address }) => address.startsWith(schedulerNetwork))?.address;
  if (host === undefined) return {};
  if (openPorts === undefined) return { host };
  const range = openPorts.join(":");
  return {
    host,
    schedulerPort: await freePort(host, openPorts),
    workerExtraArgs: ["--worker-port", range, "--nanny-port", range],
  };
}

/** @throws JobClusterError */
export async function freePort(host: string, [first, last]: readonly [number, number]) {
  for (let port = first; port <= last; port += 1) {
    if (await isFree(host, port)) return port;
  }
  throw new JobClusterError(`no port of ${host} from ${first} to ${last} is free`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
