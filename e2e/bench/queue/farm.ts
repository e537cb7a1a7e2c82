// A SLURM of this machine with room for many small jobs, and a list of every command that is sent
// to its controller. Knows none of the systems that are compared.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../../slurm/farm", import.meta.url));

/** Not that of tests: its nodes are larger. */
const knobs = {
  ACME_FARM_ID: "250",
  ACME_FARM_CPUS: "64",
  ACME_FARM_MEMORY_MB: "64000",
  // All elements of an array start at once, on a machine that stands for many: a launch that takes
  // longer is put back by SLURM for two minutes.
  ACME_FARM_LAUNCH_S: "60",
  ACME_FARM_MODE: process.env.ACME_FARM_MODE ?? "",
};

const commands = ["sbatch", "squeue", "scancel", "scontrol", "sinfo", "sacct", "srun"];

export interface SentCommand {
  /** In the clock of `Date.now()`. */
  readonly atMs: number;
  readonly argv: string;
}

export interface BenchFarm {
  /** With commands that note that they were called, then do what they do. */
  readonly env: Readonly<Record<string, string>>;
  readonly shared: string;
  readonly hostAddress: string;
  sent(): SentCommand[];
  end(): void;
}

export function startFarm(): BenchFarm {
  const env = { ...process.env, ...knobs };
  const printed = execFileSync(program, ["up"], { env, encoding: "utf8" });
  const found = Object.fromEntries(
    [...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const shared = found.ACME_FARM_SHARED as string;
  const log = join(shared, "commands");
  const bin = join(shared, "bin");
  mkdirSync(bin, { recursive: true });
  for (const command of commands) writeShim(join(bin, command), command, log);
  return {
    env: {
      ...found,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      ACME_HOME: join(shared, "home"),
    },
    shared,
    hostAddress: found.ACME_FARM_HOST as string,
    sent: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").map(parse) : []),
    end() {
      execFileSync(program, ["down"], { env });
      rmSync(shared, { recursive: true, force: true });
    },
  };
}

function writeShim(path: string, command: string, log: string): void {
  const real = execFileSync("sh", ["-c", `command -v ${command} || true`], { encoding: "utf8" });
  if (real.trim() === "") return;
  const text = `#!/bin/sh\necho "$(date +%s.%N) ${command} $*" >>"${log}"\nexec ${real.trim()} "$@"\n`;
  writeFileSync(path, text, { mode: 0o755 });
}

function parse(line: string): SentCommand {
  const [seconds = "", ...argv] = line.split(" ");
  return { atMs: Number(seconds) * 1000, argv: argv.join(" ") };
}
