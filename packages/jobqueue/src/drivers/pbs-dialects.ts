// What the systems with the commands of PBS do not have in common. Torque is as its documentation
// says; SLURM's qsub is a translation into sbatch, and its qstat knows no elements of arrays.
import type { ResolvedJob } from "../options/resolved-job.js";
import type { JobRef } from "./driver.js";
import { groupRefs } from "./group-refs.js";
import { formatRanges } from "./index-ranges.js";
import { quote } from "./script-text.js";

export interface PbsDialect {
  /** Makes an array of a submission; null: each job is one of its own. */
  readonly arrayOption: "-J" | "-t" | null;
  /** Of qsub, beside the script. */
  submitArguments(job: ResolvedJob): string[];
  /** The script has to be in a file; otherwise it comes from standard input. */
  readonly wantsFile: boolean;
  /** Of qstat, so that it tells everything of each element. */
  readonly pollOptions: readonly string[];
  /** As qdel takes them. */
  names(refs: readonly JobRef[]): string[];
  readonly canSignal: boolean;
  /** What is said of jobs that are over. */
  readonly gone: RegExp;
  /** Fields of `qstat -f` that say when a job that runs began, and when it ends at the latest. */
  readonly startField: string;
  readonly endField: string | null;
}

const unknown = /unknown job ?id|has finished|invalid state/i;

export const openPbs: PbsDialect = {
  arrayOption: "-J",
  submitArguments: () => [],
  wantsFile: false,
  pollOptions: ["-f", "-t"],
  names: (refs) =>
    groupRefs(refs).map(({ jobId, indices }) =>
      indices === null ? jobId : `${jobId}[${formatRanges(indices)}]`,
    ),
  canSignal: true,
  gone: unknown,
  startField: "stime",
  endField: null,
};

const torque: PbsDialect = {
  ...openPbs,
  arrayOption: "-t",
  names: (refs) => refs.map(({ jobId, index }) => (index === null ? jobId : `${jobId}[${index}]`)),
  startField: "start_time",
};

const slurmQsub: PbsDialect = {
  ...openPbs,
  arrayOption: null,
  // It would take the folder that is named in the script for a file, but what it is told beside the
  // script comes first. That goes through a shell.
  submitArguments({ logDirectory }) {
    const output = quote(logDirectory === null ? "/dev/null" : `${logDirectory}/%x.o%j`);
    return ["-e", output, "-o", output];
  },
  wantsFile: true,
  pollOptions: ["-f"],
  names: (refs) => refs.map(({ jobId }) => jobId),
  canSignal: false,
  // It says nothing, and fails.
  gone: /^$/,
  startField: "mtime",
  endField: "ctime",
};

/** Which of them printed this when it was asked for its version. */
export function pbsDialect(stdout: string, stderr: string): PbsDialect {
  if (/unknown option: version/i.test(stderr)) return slurmQsub;
  return /^\s*version:/im.test(`${stdout}\n${stderr}`) ? torque : openPbs;
}
