// SLURM: one job array per submission, script on standard input, states from `squeue`. What
// `squeue` prints is read in slurm-json.ts and slurm-text.ts.

import { BatchOutputError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { BatchDriver, Command, JobRef, ScriptContext } from "./driver.js";
import { groupRefs, refsOf } from "./group-refs.js";
import { formatRanges } from "./index-ranges.js";
import { slurmMemory } from "./memory-text.js";
import { clockText, scriptText } from "./script-text.js";
import { parseSqueueJson } from "./slurm-json.js";
import { parseSqueueText, squeueTextFormat } from "./slurm-text.js";

/** Seconds before its time is up at which a job is told; SLURM may be a minute early. */
const signalLeadS = 20;
/** Jobs that may run for less are not told: it could be over before it has begun. */
const signalledMs = 180_000;

export const slurm: BatchDriver = {
  system: "slurm",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell.
  slotExpression: "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}",

  arraySize: null,
  dialects: null,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell.
  restartsExpression: "${SLURM_RESTART_COUNT:-0}",

  script: (job, context) =>
    scriptText({ prefix: "#SBATCH", directives: directivesOf(job, context), job, context }),

  submit: (script, count) => ({
    argv: ["sbatch", "--parsable", `--array=0-${count - 1}`],
    stdin: script,
  }),

  // Wrappers at some sites print more than the id.
  parseSubmit(stdout, count): JobRef[] {
    const ids = stdout.split("\n").flatMap((line) => /^(\d+)(;\S+)?$/.exec(line.trim())?.[1] ?? []);
    const jobId = ids.at(-1);
    if (jobId === undefined) throw new BatchOutputError("sbatch", stdout, "no line is a job id");
    return refsOf(
      jobId,
      Array.from({ length: count }, (_, index) => index),
    );
  },

  cancel: (refs) => (refs.length === 0 ? [] : [{ argv: ["scancel", ...names(refs)] }]),

  // `--batch`: the worker has taken the place of the batch script.
  drainSignal: (refs) => ({ argv: ["scancel", "--batch", "--signal=USR1", ...names(refs)] }),

  poll: (): Command => ({ argv: ["squeue", "--me", "--json"] }),
  // With `--jobs` it fails when it has forgotten them all, and `--array` leaves elements out.
  pollFallback: (): Command => ({
    argv: ["squeue", "--me", "--noheader", "--states=all", `--format=${squeueTextFormat}`],
  }),
  parsePoll: parseSqueueJson,
  parsePollFallback: parseSqueueText,

  nodeAddresses: { argv: ["sinfo", "--noheader", "--format=%o"] },
  logFile: ({ logDirectory }, { jobId, index }) =>
    logDirectory === null ? null : `${logDirectory}/${jobId}_${index ?? 0}.out`,
};

function directivesOf(job: ResolvedJob, { tag }: ScriptContext): string[] {
  const { walltimeMs, jobMemory, memoryBytes, gpus } = job;
  const memory = jobMemory ?? (memoryBytes === null ? null : slurmMemory(memoryBytes));
  const walltime = job.walltime ?? (walltimeMs === null ? null : clockText(walltimeMs));
  return [
    `-J ${job.jobName}`,
    `--comment=${tag}`,
    `-o ${job.logDirectory === null ? "/dev/null" : `${job.logDirectory}/%A_%a.out`}`,
    ...(job.queue === null ? [] : [`-p ${job.queue}`]),
    ...(job.account === null ? [] : [`-A ${job.account}`]),
    "-n 1",
    "-N 1",
    `--cpus-per-task=${job.jobCpu ?? job.cores}`,
    ...(memory === null ? [] : [`--mem=${memory}`]),
    ...(walltime === null ? [] : [`-t ${walltime}`]),
    ...(gpus === 0 ? [] : [`--gres=gpu:${gpus}`]),
    job.requeue ? "--requeue" : "--no-requeue",
    ...(walltimeMs !== null && walltimeMs < signalledMs ? [] : [`--signal=B:TERM@${signalLeadS}`]),
    "--open-mode=append",
  ];
}

const names = (refs: readonly JobRef[]): string[] =>
  groupRefs(refs).map(({ jobId, indices }) =>
    indices === null ? jobId : `${jobId}_[${formatRanges(indices)}]`,
  );
