// Grid Engine: job arrays with `-t` (counted from 1), states from `qstat -xml`. Jobs that are over
// vanish from its answer; what that means is decided elsewhere.
import { BatchOutputError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { BatchDriver, Command, JobRef } from "./driver.js";
import { groupRefs, refsOf } from "./group-refs.js";
import { formatRanges } from "./index-ranges.js";
import { clockText, scriptText } from "./script-text.js";
import { parseQstatXml } from "./sge-xml.js";

export const sge: BatchDriver = {
  system: "sge",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell.
  slotExpression: "${JOB_ID}_${SGE_TASK_ID}",
  arraySize: null,
  dialects: null,

  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell.
  restartsExpression: "${RESTARTED:-0}",

  script: (job, context) =>
    scriptText({ prefix: "#$", directives: directivesOf(job), job, context }),

  submit: (script, count): Command => ({
    argv: ["qsub", "-terse", "-t", `1-${count}`],
    stdin: script,
  }),

  parseSubmit(stdout, count): JobRef[] {
    const ids = stdout
      .split("\n")
      .flatMap((line) => /^(\d+)(?:\.\d+-\d+:\d+)?$/.exec(line.trim())?.[1] ?? []);
    const jobId = ids.at(-1);
    if (jobId === undefined) throw new BatchOutputError("qsub", stdout, "no line is a job id");
    return refsOf(
      jobId,
      Array.from({ length: count }, (_, index) => index + 1),
    );
  },

  // `-t` holds for all jobs of a command, so that each array needs one of its own.
  cancel: (refs): Command[] =>
    groupRefs(refs).map(({ jobId, indices }) => ({
      argv: ["qdel", jobId, ...(indices === null ? [] : ["-t", formatRanges(indices)])],
      forgives: /does not exist/i,
    })),
  drainSignal: () => null,

  poll: (): Command => ({ argv: ["qstat", "-xml"] }),
  pollFallback: () => null,
  parsePoll: parseQstatXml,
  parsePollFallback: () => [],

  // The hosts that run jobs, by name.
  nodeAddresses: { argv: ["qconf", "-sel"] },
  logFile: ({ logDirectory, jobName }, { jobId, index }) =>
    logDirectory === null ? null : `${logDirectory}/${jobName}.o${jobId}.${index ?? 1}`,
};

function directivesOf(job: ResolvedJob): string[] {
  const walltime = job.walltime ?? (job.walltimeMs === null ? null : clockText(job.walltimeMs));
  const log = job.logDirectory === null ? "/dev/null" : `${job.logDirectory}/`;
  const shell = shellOf(job.shebang);
  return [
    `-N ${job.jobName}`,
    // Queues may name another shell, and many let the first line of a script count for nothing.
    ...(shell === null ? [] : [`-S ${shell}`]),
    ...(job.queue === null ? [] : [`-q ${job.queue}`]),
    ...(job.project === null ? [] : [`-P ${job.project}`]),
    ...(job.account === null ? [] : [`-A ${job.account}`]),
    ...(job.resourceSpec === null ? [] : [`-l ${job.resourceSpec}`]),
    ...(job.gpus === 0 ? [] : [`-l gpu=${job.gpus}`]),
    ...(walltime === null ? [] : [`-l h_rt=${walltime}`]),
    `-e ${log}`,
    `-o ${log}`,
    "-cwd",
    "-j y",
    `-r ${job.requeue ? "y" : "n"}`,
    // USR1 before a stop and USR2 before a kill, without which jobs are killed unwarned.
    "-notify",
  ];
}

/** `#!/bin/zsh -l` is `/bin/zsh`; where `env` would find another one is not known here. */
function shellOf(shebang: string): string | null {
  if (/^#!\s*\S*\/env bash$/.test(shebang)) return "/bin/bash";
  const path = /^#!\s*(\/\S+)/.exec(shebang)?.[1] ?? null;
  return path?.endsWith("/env") === true ? null : path;
}
