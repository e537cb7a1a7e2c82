// Grid Engine: job arrays with `-t` (counted from 1), states from `qstat -xml`. Jobs that are over
// vanish from its answer; what that means is decided elsewhere.
import { BatchOutputError } from "../errors.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { BatchDriver, BatchState, Command, JobRef, JobStatus } from "./driver.js";
import { groupRefs, refsOf } from "./group-refs.js";
import { formatRanges, parseRanges } from "./index-ranges.js";
import { clockText, scriptText } from "./script-text.js";

export const sge: BatchDriver = {
  system: "sge",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell.
  slotExpression: "${JOB_ID}_${SGE_TASK_ID}",

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

  poll: (): Command => ({ argv: ["qstat", "-g", "d", "-xml"] }),
  pollFallback: () => null,
  parsePoll: parseQstatXml,
  parsePollFallback: () => [],

  nodeAddresses: null,
  logFile: ({ logDirectory, jobName }, { jobId, index }) =>
    logDirectory === null ? null : `${logDirectory}/${jobName}.o${jobId}.${index ?? 1}`,
};

function directivesOf(job: ResolvedJob): string[] {
  const walltime = job.walltime ?? (job.walltimeMs === null ? null : clockText(job.walltimeMs));
  const log = job.logDirectory === null ? "/dev/null" : `${job.logDirectory}/`;
  return [
    `-N ${job.jobName}`,
    ...(job.queue === null ? [] : [`-q ${job.queue}`]),
    ...(job.project === null ? [] : [`-P ${job.project}`]),
    ...(job.account === null ? [] : [`-A ${job.account}`]),
    ...(job.resourceSpec === null ? [] : [`-l ${job.resourceSpec}`]),
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

/** @throws BatchOutputError */
function parseQstatXml(stdout: string): JobStatus[] {
  // One that was cut would let jobs look as if they were over.
  if (!/<job_info[\s>]/.test(stdout) || !/<\/job_info>\s*$/.test(stdout)) {
    throw new BatchOutputError("qstat -xml", stdout, "it is no whole job_info");
  }
  return [...stdout.matchAll(/<job_list[^>]*>([\s\S]*?)<\/job_list>/g)].flatMap(([, body]) =>
    statusesOf(body as string),
  );
}

function statusesOf(body: string): JobStatus[] {
  const field = (name: string): string =>
    new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(body)?.[1]?.trim() ?? "";
  const jobId = field("JB_job_number");
  const word = field("state");
  const indices = field("tasks") === "" ? [null] : (parseRanges(field("tasks")) ?? []);
  const started = Date.parse(field("JAT_start_time"));
  const state = stateOf(word);
  return indices.map((index) => ({
    ref: { jobId, index },
    state,
    outcome: null,
    word,
    reason: word.includes("E") ? "the job is in an error state: see qstat -j" : "",
    isHopeless: false,
    exitCode: null,
    signal: null,
    nodes: field("queue_name").split("@")[1] ?? "",
    startMs: Number.isNaN(started) ? null : started,
    endMs: null,
    restarts: /R/.test(word) ? 1 : 0,
    comment: "",
  }));
}

// Letters may be combined: `hqw` is held and waiting, `dr` runs and is being deleted.
function stateOf(word: string): BatchState {
  if (word.includes("d")) return "ending";
  if (word.includes("h") || word.includes("E")) return "held";
  if (word.includes("r") || word.includes("s") || word.includes("S")) return "running";
  return word.includes("t") ? "starting" : "pending";
}
