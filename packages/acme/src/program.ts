// The command line of `acme`: which commands there are and what their words mean. What they do is
// told from outside, so that parsing can be tested without doing it.
import { defaultClusterName } from "@acme/credentials";
import { Command } from "commander";
import { addMapCommands, type MapActions } from "./map-options.js";

/** What each command does. */
export interface Actions extends MapActions {
  env(name: string): Promise<void>;
  list(options: { json?: boolean }): Promise<void>;
  status(name: string, options: { json?: boolean }): Promise<void>;
  connect(target: string, name: string, options: ConnectFlags): Promise<void>;
  jobs(options: { json?: boolean }): Promise<void>;
  cleanJobs(cluster: string | undefined, options: { yes?: boolean }): Promise<void>;
}

export interface ConnectFlags {
  as?: string;
  sshConfig?: string;
}

export function program(actions: Actions, version: string): Command {
  const acme = new Command("acme")
    .description("Maps functions and programs over inputs, and looks after clusters.")
    .version(version, "--version")
    .exitOverride();
  addMapCommands(acme, actions);
  acme
    .command("env")
    .description('print what a Python client or worker needs, for: eval "$(acme env NAME)"')
    .argument("[name]", "of the cluster", defaultClusterName)
    .action((name: string) => actions.env(name));
  acme
    .command("list")
    .description("show all clusters of this user")
    .option("--json", "print it for programs, to stdout")
    .action((options) => actions.list(options));
  acme
    .command("status")
    .description("show what a cluster does, and the link to its status page")
    .argument("[name]", "of the cluster", defaultClusterName)
    .option("--json", "print it for programs, to stdout")
    .action((name: string, options) => actions.status(name, options));
  acme
    .command("connect")
    .description("open an ssh tunnel to a cluster on another machine, until Ctrl-C")
    .argument("<target>", "user@login, as for ssh")
    .argument("[name]", "of the cluster there", defaultClusterName)
    .option("--as <name>", "what it is called on this machine (default: the same)")
    .option("--ssh-config <file>", "instead of your own ssh configuration")
    .action((target: string, name: string, options) => actions.connect(target, name, options));
  addJobs(acme, actions);
  return acme;
}

function addJobs(acme: Command, actions: Actions): void {
  const jobs = acme
    .command("jobs")
    .description("show the jobs of your clusters in the queue, and who they belong to")
    .option("--json", "print it for programs, to stdout")
    .action((options) => actions.jobs(options));
  jobs
    .command("clean")
    .description("cancel jobs whose cluster is gone, or all jobs of one cluster")
    .argument("[cluster]", "all jobs of this one, whether it lives or not")
    .option("-y, --yes", "do not ask")
    .action((cluster: string | undefined, options) => actions.cleanJobs(cluster, options));
}
