// PBS: jobs through qsub, states from `qstat -f`, for every system that has these commands. Jobs that
// are over vanish from its answer; what that means is decided elsewhere.
import { BatchOutputError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { BatchDriver, Command, JobRef } from "./driver.js";
import { groupRefs, refsOf } from "./group-refs.js";
import { pbsMemory } from "./memory-text.js";
import { openPbs, type PbsDialect, pbsDialect } from "./pbs-dialects.js";
import { pbsJobs } from "./pbs-jobs.js";
import { parseBlocks } from "./qstat-blocks.js";
import { clockText, scriptText } from "./script-text.js";

// PBS Pro and OpenPBS, Torque, and a job that is no array; SLURM's qsub has SLURM's names.
const variable = (...names: string[]): string =>
  names.reduceRight((rest, name) => `\${${name}:-${rest}}`, "0");
const slotText = [
  // `12[3].server` is element 3 of job 12.
  `$(expr "${variable("PBS_JOBID", "SLURM_ARRAY_JOB_ID", "SLURM_JOB_ID")}" : "\\([0-9]*\\)")`,
  variable("PBS_ARRAY_INDEX", "PBS_ARRAYID", "SLURM_ARRAY_TASK_ID"),
].join("_");

export const pbs: BatchDriver = pbsDriver(openPbs);

function pbsDriver(dialect: PbsDialect): BatchDriver {
  return {
    system: "pbs",
    slotExpression: slotText,
    arraySize: dialect.arrayOption === null ? 1 : null,
    dialects: {
      question: { argv: ["qsub", "--version"] },
      choose: (stdout, stderr) => pbsDriver(pbsDialect(stdout, stderr)),
    },

    // It does not tell.
    restartsExpression: "0",

    script: (job, context) =>
      scriptText({ prefix: "#PBS", directives: directivesOf(job), job, context }),

    // An array of one is refused.
    submit: (script, count, job): Command => ({
      argv: [
        "qsub",
        ...(dialect.arrayOption === null || count === 1
          ? []
          : [dialect.arrayOption, `0-${count - 1}`]),
        ...dialect.submitArguments(job),
      ],
      [dialect.wantsFile ? "file" : "stdin"]: script,
    }),
    parseSubmit,

    cancel: (refs) =>
      refs.length === 0 ? [] : [{ argv: ["qdel", ...dialect.names(refs)], forgives: dialect.gone }],
    drainSignal: (refs) =>
      dialect.canSignal ? { argv: ["qsig", "-s", "SIGUSR1", ...dialect.names(refs)] } : null,

    poll: (refs): Command => ({
      argv: ["qstat", ...dialect.pollOptions, ...jobNames(refs)],
      forgives: dialect.gone,
    }),
    pollFallback: () => null,
    parsePoll: (stdout) => parseBlocks(stdout).flatMap((block) => pbsJobs(block, dialect)),
    parsePollFallback: () => [],

    nodeAddresses: null,
    logFile: ({ logDirectory, jobName }, { jobId, index }) => {
      if (logDirectory === null) return null;
      return `${logDirectory}/${jobName}.o${jobId}${index === null ? "" : `.${index}`}`;
    },
  };
}

function parseSubmit(stdout: string, count: number): JobRef[] {
  const ids = stdout
    .split("\n")
    .flatMap((line) => /^(\d+)(?:\[\])?(?:\.\S+)?$/.exec(line.trim())?.[1] ?? []);
  const jobId = ids.at(-1);
  if (jobId === undefined) throw new BatchOutputError("qsub", stdout, "no line is a job id");
  return refsOf(jobId, count === 1 ? null : Array.from({ length: count }, (_, index) => index));
}

const jobNames = (refs: readonly JobRef[]): string[] =>
  groupRefs(refs).map(({ jobId, indices }) => (indices === null ? jobId : `${jobId}[]`));

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
    // One file for both, the one that is read when a job has failed.
    "-j oe",
    `-r ${job.requeue ? "y" : "n"}`,
  ];
}
