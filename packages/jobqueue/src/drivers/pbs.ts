// PBS (OpenPBS, PBS Pro, Torque, and SLURM's qsub): job arrays with `-J`, states from `qstat -f`.
// Jobs that are over vanish from its answer; what that means is decided elsewhere.
import { BatchOutputError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type {
  BatchDriver,
  BatchOutcome,
  BatchState,
  Command,
  JobRef,
  JobStatus,
} from "./driver.js";
import { groupRefs, refsOf } from "./group-refs.js";
import { formatRanges } from "./index-ranges.js";
import { pbsMemory } from "./memory-text.js";
import { parseBlocks } from "./qstat-blocks.js";
import { clockText, scriptText } from "./script-text.js";

const states: Readonly<Record<string, BatchState>> = {
  Q: "pending",
  W: "pending",
  T: "pending",
  M: "pending",
  H: "held",
  S: "running",
  U: "running",
  R: "running",
  B: "running",
  E: "ending",
  C: "ended",
  F: "ended",
  X: "ended",
};

// PBS Pro and OpenPBS, Torque, and a job that is no array; SLURM's qsub has SLURM's names.
const variable = (...names: string[]): string =>
  names.reduceRight((rest, name) => `\${${name}:-${rest}}`, "0");
const slotText = [
  // `12[3].server` is element 3 of job 12.
  `$(expr "${variable("PBS_JOBID", "SLURM_ARRAY_JOB_ID", "SLURM_JOB_ID")}" : "\\([0-9]*\\)")`,
  variable("PBS_ARRAY_INDEX", "PBS_ARRAYID", "SLURM_ARRAY_TASK_ID"),
].join("_");

/** What is said of jobs that are over. */
const gone = /unknown job ?id|has finished|invalid state/i;

const never = /can never run|would exceed .* limit/i;

export const pbs: BatchDriver = {
  system: "pbs",
  slotExpression: slotText,

  script: (job, context) =>
    scriptText({ prefix: "#PBS", directives: directivesOf(job), job, context }),

  // An array of one is refused.
  submit: (script, count): Command => ({
    argv: ["qsub", ...(count === 1 ? [] : ["-J", `0-${count - 1}`])],
    stdin: script,
  }),

  parseSubmit(stdout, count): JobRef[] {
    const ids = stdout
      .split("\n")
      .flatMap((line) => /^(\d+)(?:\[\])?(?:\.\S+)?$/.exec(line.trim())?.[1] ?? []);
    const jobId = ids.at(-1);
    if (jobId === undefined) throw new BatchOutputError("qsub", stdout, "no line is a job id");
    return refsOf(jobId, count === 1 ? null : Array.from({ length: count }, (_, index) => index));
  },

  cancel: (refs) => (refs.length === 0 ? [] : [{ argv: ["qdel", ...names(refs)], forgives: gone }]),
  drainSignal: (refs) => ({ argv: ["qsig", "-s", "SIGUSR1", ...names(refs)] }),

  poll: (refs): Command => ({
    argv: [
      "qstat",
      "-f",
      "-t",
      ...groupRefs(refs).map(({ jobId, indices }) => (indices === null ? jobId : `${jobId}[]`)),
    ],
    forgives: gone,
  }),
  pollFallback: () => null,
  parsePoll: (stdout) => parseBlocks(stdout).flatMap(statusOf),
  parsePollFallback: () => [],

  nodeAddresses: null,
  logFile: ({ logDirectory, jobName }, { jobId, index }) => {
    if (logDirectory === null) return null;
    return `${logDirectory}/${jobName}.o${jobId}${index === null ? "" : `.${index}`}`;
  },
};

function directivesOf(job: ResolvedJob): string[] {
  const { walltimeMs, memoryBytes, gpus } = job;
  const memory = job.jobMemory ?? (memoryBytes === null ? null : pbsMemory(memoryBytes));
  const walltime = job.walltime ?? (walltimeMs === null ? null : clockText(walltimeMs));
  const select = [
    `select=1:ncpus=${job.jobCpu ?? job.cores}`,
    ...(gpus === 0 ? [] : [`ngpus=${gpus}`]),
    ...(memory === null ? [] : [`mem=${memory}`]),
  ].join(":");
  const log = job.logDirectory === null ? "/dev/null" : `${job.logDirectory}/`;
  return [
    `-N ${job.jobName}`,
    ...(job.queue === null ? [] : [`-q ${job.queue}`]),
    ...(job.account === null ? [] : [`-A ${job.account}`]),
    `-l ${job.resourceSpec ?? select}`,
    ...(walltime === null ? [] : [`-l walltime=${walltime}`]),
    `-e ${log}`,
    `-o ${log}`,
    `-r ${job.requeue ? "y" : "n"}`,
  ];
}

const names = (refs: readonly JobRef[]): string[] =>
  groupRefs(refs).map(({ jobId, indices }) =>
    indices === null ? jobId : `${jobId}[${formatRanges(indices)}]`,
  );

function statusOf({
  id,
  fields,
}: {
  id: string;
  fields: ReadonlyMap<string, string>;
}): JobStatus[] {
  const match = /^(\d+)(?:\[(\d*)\])?/.exec(id);
  if (match === null) throw new BatchOutputError("qstat -f", id, "it is no job id");
  const [, jobId = "", index] = match;
  // The array itself is in the answer as well as its elements.
  if (index === "") return [];
  const word = fields.get("job_state") ?? "";
  const exit = fields.get("exit_status") ?? fields.get("Exit_status");
  const code = exit === undefined ? null : Number(exit);
  const state = states[word] ?? "running";
  return [
    {
      ref: { jobId, index: index === undefined ? null : Number(index) },
      state,
      outcome: state === "ended" ? outcomeOf(code) : null,
      word,
      reason: fields.get("comment") ?? "",
      isHopeless: state === "pending" && never.test(fields.get("comment") ?? ""),
      exitCode: code !== null && code >= 0 && code < 256 ? code : null,
      signal: code !== null && code > 256 ? code - 256 : null,
      nodes: fields.get("exec_host") ?? "",
      startMs: timeOf(fields.get("stime") ?? fields.get("start_time")),
      endMs: null,
      restarts: Math.max(0, Number(fields.get("run_count") ?? 1) - 1),
      comment: "",
    },
  ];
}

function outcomeOf(code: number | null): BatchOutcome {
  if (code === null) return "cancelled";
  if (code === -29) return "timeout";
  if (code === -27) return "out-of-memory";
  return code === 0 ? "completed" : "failed";
}

function timeOf(text: string | undefined): number | null {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? null : ms;
}
