// The farm of e2e/slurm for tests: brought up once and shared, with commands run in its environment.
// What is tested on it is not known here.
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { ExecaError, execa } from "execa";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";

const program = fileURLToPath(new URL("../../slurm/farm", import.meta.url));

/** What the program says by its exit code: this machine cannot have a farm. */
const cannotCode = 3;

export interface FarmJob {
  /** `12_3` for an element of an array. */
  readonly id: string;
  /** SLURM's word. */
  readonly state: string;
  readonly node: string;
  readonly reason: string;
}

/**
 * The farm, which is started if it is not up; the test ends as skipped where there can be none.
 *
 * @param context - of the test
 */
export async function slurmFarm(context: SkippableContext): Promise<SlurmFarm> {
  try {
    return new SlurmFarm(environmentIn((await execa(program, ["up"])).stdout));
  } catch (error) {
    if (!(error instanceof ExecaError) || error.exitCode !== cannotCode) throw error;
    skipWithReason(context, String(error.stderr), error);
    throw error;
  }
}

/** Whether any farm of this repository is there. */
export async function isFarmUp(): Promise<boolean> {
  return (await execa(program, ["is-up"], { reject: false })).exitCode === 0;
}

export async function endFarm(): Promise<void> {
  await execa(program, ["down"]);
}

export class SlurmFarm {
  /** For every command that is to talk to this SLURM, and for clusters: their home is shared. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder that this machine and all nodes see at the same place. */
  readonly shared: string;
  /** Address of this machine that nodes can reach. */
  readonly hostAddress: string;
  /** Whether nodes have addresses, host names and `/tmp` of their own. */
  readonly hasOwnNetworks: boolean;

  constructor(environment: Readonly<Record<string, string>>) {
    this.shared = environment.ACME_FARM_SHARED as string;
    this.hostAddress = environment.ACME_FARM_HOST as string;
    this.hasOwnNetworks = environment.ACME_FARM_MODE === "namespaces";
    this.env = { ...environment, ACME_HOME: `${this.shared}/home`, LC_ALL: "C" };
  }

  /** Runs a command on this machine; it gives what was printed. */
  async run(file: string, args: readonly string[] = [], input = ""): Promise<string> {
    return (await execa(file, args, { env: this.env, cwd: this.shared, input })).stdout;
  }

  /** Submits a shell script; what its jobs print goes to `<shared>/<job>_<index>.out`. */
  async sbatch(script: string, ...options: string[]): Promise<string> {
    const output = options.some((option) => option.startsWith("--array")) ? "%A_%a" : "%j";
    const args = ["--parsable", `--output=${this.shared}/${output}.out`, ...options];
    return this.run("sbatch", args, `#!/bin/bash\n${script}\n`);
  }

  /** All jobs that SLURM remembers, elements of arrays one by one. */
  async squeue(): Promise<FarmJob[]> {
    const format = "--format=%i|%T|%N|%r";
    const text = await this.run("squeue", ["--noheader", "--array", "--states=all", format]);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [id = "", state = "", node = "", reason = ""] = line.split("|");
        return { id, state, node, reason };
      });
  }

  /** Waits until all jobs whose id begins so are in one of these states. */
  async jobsReach(id: string, states: readonly string[], timeoutMs = 60_000): Promise<FarmJob[]> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const all = await this.squeue();
      const jobs = all.filter((job) => job.id === id || job.id.startsWith(`${id}_`));
      if (jobs.length > 0 && jobs.every(({ state }) => states.includes(state))) return jobs;
      if (Date.now() > end) {
        const shown = jobs.map((job) => `${job.id} ${job.state} ${job.reason}`).join(", ");
        throw new Error(`job ${id} is not ${states.join(" or ")}: ${shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Runs a command on a node, as a person who has logged in there. */
  runOn(node: string, ...command: string[]): Promise<string> {
    return this.#farm("node", "run", node, ...command);
  }

  /** Numbers of the processes of a node by the name of their program. */
  async processes(node: string): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    for (const pid of (await this.#farm("node", "pids", node)).split("\n")) {
      const status = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
      if (status !== "") found.set(Number(pid), status.trim());
    }
    return found;
  }

  /** A power cut: nobody hears from the node again. */
  crash(node: string): Promise<string> {
    return this.#farm("node", "crash", node);
  }

  /** Ends every process of a node; its network says so. */
  kill(node: string): Promise<string> {
    return this.#farm("node", "kill", node);
  }

  /** Pulls a node's cable; what runs there goes on. */
  isolate(node: string): Promise<string> {
    return this.#farm("node", "isolate", node);
  }

  /** Ends a node's slurmd alone; jobs go on. */
  stop(node: string): Promise<string> {
    return this.#farm("node", "stop", node);
  }

  /** Undoes any of the above. */
  start(node: string): Promise<string> {
    return this.#farm("node", "start", node);
  }

  /** Installs qsub, qstat and qdel for SLURM; the test ends as skipped where that cannot be. */
  async installPbs(context: SkippableContext): Promise<void> {
    try {
      await this.#farm("pbs");
    } catch (error) {
      if (!(error instanceof ExecaError) || error.exitCode !== cannotCode) throw error;
      skipWithReason(context, String(error.stderr), error);
    }
  }

  stopController(): Promise<string> {
    return this.#farm("controller", "stop");
  }

  startController(): Promise<string> {
    return this.#farm("controller", "start");
  }

  /** Cancels every job, and starts all that was stopped. */
  async reset(): Promise<void> {
    await this.#farm("up");
    await this.run("scancel", [`--user=${userInfo().username}`]);
  }

  async #farm(...args: string[]): Promise<string> {
    return (await execa(program, args)).stdout;
  }
}

function environmentIn(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^export (\w+)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name as string, value as string]));
}
