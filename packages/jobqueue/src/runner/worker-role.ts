// A process of a runner that becomes a worker: it runs `acme-worker` and ends as that ends. Signals
// reach that by themselves, since SLURM sends them to every process.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { Contact } from "@acme/credentials";
import { type RunnerOptions, runnerDefaults } from "./runner-options.js";
import { type RunnerWorld, shareOf } from "./world.js";

/** @returns the exit code */
export function beWorker(
  contact: Contact,
  { rank }: RunnerWorld,
  options: RunnerOptions,
): Promise<number> {
  const entry = createRequire(import.meta.url).resolve("@acme/worker/cli");
  const args = [entry, ...workerFlags(contact, rank, options, process.env)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGTERM" ? 143 : 1)));
  });
}

export function workerFlags(
  contact: Contact,
  rank: number,
  options: RunnerOptions,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const share = shareOf(env);
  const { nthreads = share.cores, localDirectory, timeoutMs = runnerDefaults.timeoutMs } = options;
  const given = share.memoryMib === null ? undefined : `${share.memoryMib} MiB`;
  const memory = options.memoryLimit ?? given;
  return [
    ...["--cluster", contact.folder as string],
    ...["--name", String(rank)],
    ...["--nthreads", String(nthreads)],
    ...(memory === undefined ? [] : ["--memory-limit", String(memory)]),
    ...["--death-timeout", `${timeoutMs}ms`],
    ...(options.interface === undefined ? ["--host", "auto"] : ["--interface", options.interface]),
    ...(localDirectory === undefined ? [] : ["--local-directory", localDirectory]),
    ...(options.workerExtraArgs ?? []),
  ];
}
