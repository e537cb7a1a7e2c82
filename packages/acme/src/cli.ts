// The command `acme`. What it tells people goes to stderr; stdout has only what shells and programs
// read. The only file of this package that may use signals and process exit.
import { createRequire } from "node:module";
import { checkClusterName } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { CommanderError } from "commander";
import { cleanJobs } from "./clean-jobs.js";
import { listedClusters, listText } from "./cluster-list.js";
import { jobsText, listedJobs } from "./job-list.js";
import { type MapOutcome, mapCommand, resumeCommand } from "./map-command.js";
import { type Actions, program } from "./program.js";
import { exportLines, pythonEnvironment } from "./python-environment.js";
import { resultsCommand } from "./results-report.js";
import { openRunningCluster } from "./running-cluster.js";
import { readStatus, statusText } from "./status-report.js";
import { openTunnel } from "./tunnel.js";

const tell = (text: string): void => void process.stderr.write(text);

function give({ lines, exitCode }: MapOutcome): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.exitCode = exitCode;
}

const actions: Actions = {
  async map(target, flags) {
    give(await mapCommand(target, flags));
  },

  async resume(folder, flags) {
    const outcome = resumeCommand(folder, flags).catch((error: unknown) => {
      if (isAcmeError(error, "MODULE_MISMATCH")) {
        tell("acme: to go on with the new one: --function FILE#EXPORT --accept-new-code\n");
      }
      throw error;
    });
    give(await outcome);
  },

  async results(folder, flags) {
    give(await resultsCommand(folder, flags, tell));
  },

  async env(name) {
    const cluster = openRunningCluster(name);
    process.stdout.write(exportLines(pythonEnvironment(cluster)));
  },

  async list({ json }) {
    const clusters = await listedClusters();
    if (json) process.stdout.write(`${JSON.stringify(clusters, null, 2)}\n`);
    else if (clusters.length > 0) tell(listText(clusters));
    else tell("There are no clusters. acme-scheduler --name NAME starts one.\n");
  },

  async status(name, { json }) {
    const { link, numbers } = await readStatus(openRunningCluster(name));
    if (json) process.stdout.write(`${JSON.stringify({ ...numbers, link }, null, 2)}\n`);
    else tell(`${statusText(numbers)}${link}\n`);
  },

  async connect(target, name, { as, sshConfig }) {
    const localName = as ?? name;
    for (const one of [name, localName]) checkClusterName(one);
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => stop.abort());
    }
    const { signal } = stop;
    const tunnel = await openTunnel({ target, configFile: sshConfig, signal, name, localName });
    tell(
      `The cluster ${name} of ${target} is here now, as ${localName}, at ${tunnel.address}.\n` +
        `JavaScript: Client.connect({ name: "${localName}" })\n` +
        `Python:     eval "$(npx @acme/acme env ${localName})"\n` +
        (tunnel.httpPort === null ? "" : `Browser:    npx @acme/acme status ${localName}\n`) +
        "Ctrl-C ends it.\n",
    );
    const code = await tunnel.ended;
    await tunnel.close();
    tell(signal.aborted ? "The tunnel is closed.\n" : `ssh ended with code ${code}.\n`);
    process.exitCode = signal.aborted ? 0 : 1;
  },

  async jobs({ json }) {
    const jobs = await listedJobs();
    if (json) process.stdout.write(`${JSON.stringify(jobs, null, 2)}\n`);
    else tell(jobs.length > 0 ? jobsText(jobs) : "None of your clusters has jobs in the queue.\n");
  },

  async cleanJobs(cluster, { yes = false }) {
    const wasDone = await cleanJobs({ cluster, isSure: yes, tell });
    if (!wasDone) process.exitCode = 1;
  },
};

const require = createRequire(import.meta.url);
const { version } = require("@acme/acme/package.json") as { version: string };

try {
  await program(actions, version).parseAsync();
} catch (error) {
  // Help that was asked for ends with 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (isAcmeError(error)) {
    tell(`acme: ${error.message}\n`);
    process.exitCode = ["MAP_USAGE", "BAD_ARGUMENT"].includes(error.code) ? 2 : 1;
  } else throw error;
}
