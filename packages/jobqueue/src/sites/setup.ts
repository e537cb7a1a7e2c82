// From a site and a user's wishes to a client: partitions are looked up, one is chosen, workers are
// asked for and waited for. What decides is in the rooms beside this one.
import { hostname, userInfo } from "node:os";
import {
  askUser,
  Client,
  currentClient,
  hasTerminal,
  LocalCluster,
  setCurrentClient,
} from "@acme/client";
import { JobClusterError, WorkersNotStartedError } from "../errors.js";
import { Commands } from "../shell/commands.js";
import { SLURMCluster } from "../slurm-cluster.js";
import { awaitWorkers } from "./await-workers.js";
import { choosePartition } from "./choose-partition.js";
import { parseMemory, resolveRequest } from "./memory-request.js";
import type { Partition } from "./partitions.js";
import { memoryOptions, readSetup, type Setup, type SetupOptions } from "./setup-options.js";
import { plainSite, type Site } from "./site.js";
import { optionsOfPlace } from "./site-place.js";
import { StatusLine } from "./status-line.js";
import { limitsOf, listPartitions } from "./survey.js";

/** @throws what {@link defineSite} says of the function that it makes */
export async function setUpSite(options: SetupOptions, site: Site): Promise<Client> {
  const setup = readSetup(options, site);
  const line = new StatusLine(site.name, process.stderr);
  const existing = site.isForgiving ? await healthyClient() : undefined;
  if (existing !== undefined) {
    line.say(`using the client of ${existing.schedulerAddress} that is there; none was started`);
    return existing;
  }
  const cluster = await startWorkers({ setup, site, line });
  if (cluster === null) return withoutSlurm(setup, site, line);
  try {
    return await connected(cluster, line);
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

const loudness = ["info", "warn", "error", "silent"];

export interface WorkersStart {
  readonly setup: Setup;
  readonly site: Site;
  readonly line: StatusLine;
  readonly signal?: AbortSignal | undefined;
  /** When time is up and nobody says otherwise, jobs are waited for as long as it takes. */
  readonly waitsOn?: boolean | undefined;
}

/**
 * Submits jobs and waits for the first workers.
 *
 * @returns null: there is no SLURM on this machine
 * @throws what {@link defineSite} says; the signal's reason
 */
export async function startWorkers(start: WorkersStart): Promise<SLURMCluster | null> {
  const { setup, line, signal } = start;
  const commands = new Commands();
  const partitions = await listPartitions(commands);
  if (partitions === null) return null;
  signal?.throwIfAborted();
  const cluster = await startOn(partitions, commands, start);
  // Between the lines of the start, not in the middle of one.
  const { logLevel = "warn" } = setup.cluster;
  cluster.on("log", ({ level, text }) => {
    if (loudness.indexOf(level) >= loudness.indexOf(logLevel)) line.say(`${level}: ${text}`);
  });
  try {
    const goesOn = await awaitWorkers(cluster, line, {
      atLeast: setup.atLeast,
      timeoutMs: setup.timeoutMs,
      answerMs: setup.answerMs,
      ask: (setup.interactive ?? true) && hasTerminal() ? askUser : null,
      waitsOn: start.waitsOn,
      signal,
    });
    if (goesOn) return cluster;
    throw new WorkersNotStartedError(
      "Stopped before workers had started, as was answered or taken as answered: no job was kept",
    );
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** One without workers is of no use to anybody: it is closed. */
async function healthyClient(): Promise<Client | undefined> {
  const client = currentClient();
  if (client === undefined) return undefined;
  const workers = await client.schedulerInfo(0).then(
    ({ nWorkers }) => nWorkers,
    () => 0,
  );
  if (workers > 0) return client;
  await client.close();
  return undefined;
}

async function withoutSlurm(setup: Setup, site: Site, line: StatusLine): Promise<Client> {
  const isAsked = (setup.interactive ?? true) && hasTerminal();
  const text = "There is no SLURM here. Start workers on this machine instead, [y]es or [n]o?";
  const question = { text, answers: ["n", "y"], waitMs: setup.answerMs };
  if (!site.isForgiving || (isAsked && (await askUser(question)) === "n")) {
    throw new JobClusterError("There is no SLURM on this machine: sinfo is not installed");
  }
  line.say("there is no SLURM on this machine: starting workers here instead");
  return connected(await LocalCluster.start({}), line);
}

async function startOn(
  partitions: readonly Partition[],
  commands: Commands,
  { setup, site, line }: WorkersStart,
): Promise<SLURMCluster> {
  const partition = choosePartition(partitions, {
    wanted: setup.partition ?? defaultOf(partitions),
    needMib: setup.estimateMib ?? parseMemory(setup.memPerWorker),
    excluded: site.excludedPartitions ?? plainSite.excludedPartitions,
    sizeInName: site.sizeInName ?? null,
    cushionMib: setup.cushionMib,
  });
  const request = resolveRequest(setup, await limitsOf(partition, commands));
  for (const warning of request.warnings) line.say(`warning: ${warning}`);
  const cores = Math.max(request.cores, setup.processes);
  const memory = request.memoryMib === null ? "" : `, ${request.memoryMib} MiB`;
  const each = `${numberOf(cores, "core")}${memory} each`;
  line.say(`asking for ${numberOf(setup.nWorkers, "worker")} in ${partition.name}: ${each}`);
  return SLURMCluster.start({
    ...(await optionsOfPlace(site, new Date())),
    ...setup.cluster,
    ...memoryOptions(request.memoryMib),
    cores,
    processes: setup.processes,
    queue: partition.name,
    nWorkers: setup.nWorkers,
    // It is said by this line instead.
    logLevel: "silent",
  });
}

const numberOf = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const defaultOf = (partitions: readonly Partition[]): string =>
  partitions.find(({ isDefault }) => isDefault)?.name ?? "auto";

/** The client that the cluster ends with, and that maps take unless told otherwise. */
async function connected(cluster: SLURMCluster | LocalCluster, line: StatusLine): Promise<Client> {
  const client = await Client.connect(cluster, { closesCluster: true });
  setCurrentClient(client);
  const { nWorkers: ready } = await client.schedulerInfo(0);
  const wanted = cluster.nWorkers;
  const of = ready < wanted ? `${ready} of ${wanted} workers` : numberOf(ready, "worker");
  const rest = ready < wanted ? "; the others join when they come" : "";
  line.say(`ready: ${of} at ${client.schedulerAddress}${rest}`);
  if (cluster instanceof SLURMCluster) sayPage(cluster, line);
  return client;
}

function sayPage({ dashboardLink, name }: SLURMCluster, line: StatusLine): void {
  if (dashboardLink === null) return;
  const token = `npx @acme/acme status ${name} prints the link with the token`;
  line.say(`status page: ${dashboardLink} (${token})`);
  if (process.env.SSH_CONNECTION === undefined) return;
  const here = `${userInfo().username}@${hostname()}`;
  line.say(`from your own machine: npx @acme/acme connect ${here} ${name}`);
}
