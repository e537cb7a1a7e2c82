// The line of a job script that becomes unmodified `dask worker`s beside ours: in the background, ended
// with the job. Certificates go as paths on the shared file system, never as text.
import { join } from "node:path";
import { daskEnvironment } from "@acme/credentials";
import { quote } from "./drivers/script-text.js";
import type { ResolvedJob } from "./options/resolved-job.js";
import type { WorkerPlace } from "./worker-command.js";

/** Undefined if the job has none. */
export function pythonCommand(
  job: ResolvedJob,
  place: Pick<WorkerPlace, "clusterFolder" | "address" | "slotExpression">,
): string | undefined {
  const { python } = job;
  if (python === null) return undefined;
  const { clusterFolder: folder, address, slotExpression } = place;
  const file = (name: string): string => join(folder ?? "", `${name}.pem`);
  const files = { ca: file("ca"), cert: file("cert"), key: file("key") };
  const variables = folder === null ? new Map<string, string>() : daskEnvironment("", files);
  // The contact file tells it.
  variables.delete("DASK_SCHEDULER_ADDRESS");
  const scheduler =
    folder === null
      ? quote(address ?? "")
      : `--scheduler-file ${quote(join(folder, "scheduler.json"))}`;
  return [
    ...Array.from(variables, ([name, value]) => `${name}=${quote(value)}`),
    ...[quote(python.executable), "-m distributed.cli.dask_worker", scheduler],
    ...[`--name "python-${slotExpression}"`, `--nworkers ${python.workers}`],
    ...[`--nthreads ${python.threadsPerWorker}`, "--no-dashboard"],
    ...(job.interface === null ? [] : [`--interface ${quote(job.interface)}`]),
    ...[`--death-timeout ${Math.ceil(job.deathTimeoutMs / 1000)}`, "&"],
  ].join(" ");
}
