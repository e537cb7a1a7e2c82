// The line of a job script that becomes the workers: absolute paths, because neither node nor the
// command is on a node's PATH, and no secrets, because command lines are read by everybody.
import { quote, quoteOpen } from "./drivers/script-text.js";
import { type ResolvedJob, threadsPerWorker } from "./options/resolved-job.js";

export interface WorkerPlace {
  /** Absolute path of the file that runs workers. */
  readonly entry: string;
  /** The directory of their cluster; null: an address is all that there is. */
  readonly clusterFolder: string | null;
  readonly address: string | null;
  /** What the job's slot is called, as shell text. */
  readonly slotExpression: string;
}

export function workerCommand(job: ResolvedJob, place: WorkerPlace): string {
  const { processes, memoryBytes, localDirectory, nanny } = job;
  const memory = memoryBytes === null ? 0 : Math.floor(memoryBytes / processes);
  const resources = Object.entries(job.resources).map(([name, value]) => `${name}=${value}`);
  return [
    quote(job.nodePath),
    quote(place.entry),
    place.clusterFolder === null
      ? quote(place.address ?? "")
      : `--cluster ${quote(place.clusterFolder)}`,
    `--name "${place.slotExpression}"`,
    `--nthreads ${threadsPerWorker(job)}`,
    `--memory-limit ${memory}`,
    ...(processes === 1 ? [] : [`--nworkers ${processes}`]),
    ...(nanny ? [] : ["--no-nanny"]),
    `--death-timeout ${job.deathTimeoutMs}ms`,
    ...(job.interface === null ? ["--host auto"] : [`--interface ${quote(job.interface)}`]),
    ...(localDirectory === null ? [] : [`--local-directory ${quoteOpen(localDirectory)}`]),
    ...(resources.length === 0 ? [] : [`--resources ${quote(resources.join(" "))}`]),
    ...(job.gpus === 0 ? [] : [`--gpus ${job.gpus}`]),
    ...job.workerExtraArgs,
  ].join(" ");
}
