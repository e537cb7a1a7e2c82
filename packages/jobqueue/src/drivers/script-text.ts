// A job script from its parts: shebang, directives, prologue, worker, epilogue. The same for every
// batch system but for the directives' prefix.
import { coresPerTask, type ResolvedJob } from "../options/resolved-job.js";
import type { ScriptContext } from "./driver.js";

export interface ScriptParts {
  /** Such as `#SBATCH`. */
  readonly prefix: string;
  readonly directives: readonly string[];
  readonly job: ResolvedJob;
  readonly context: ScriptContext;
}

export function scriptText({ prefix, directives, job, context }: ScriptParts): string {
  const header = [...directives.filter((line) => !isSkipped(line, job.skip)), ...job.directives];
  const worker = context.workerCommand;
  return [
    job.shebang,
    "",
    ...header.map((line) => `${prefix} ${line}`),
    "",
    ...Object.entries(job.env).map(([name, value]) => `export ${name}=${quote(value)}`),
    ...threadLimits(job),
    ...job.prologue,
    // The worker takes the shell's place, so that signals for the job reach it.
    ...(job.epilogue.length === 0 ? [`exec ${worker}`] : [worker, ...job.epilogue]),
    "",
  ].join("\n");
}

const threadVariables = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"];

/** Cores that no task would use otherwise belong to the numeric libraries. A user's own count. */
function threadLimits(job: ResolvedJob): string[] {
  const threads = coresPerTask(job);
  // Nannies set the limit of one themselves.
  if (threads === 1 && job.nanny) return [];
  return threadVariables.map((name) => `export ${name}="\${${name}:-${threads}}"`);
}

/** By the name of the option, not by any piece of its line: `-p` is not in `--cpus-per-task`. */
function isSkipped(line: string, skip: readonly string[]): boolean {
  return skip.some((entry) => {
    const wanted = entry.trim();
    return line === wanted || line.startsWith(`${wanted} `) || line.startsWith(`${wanted}=`);
  });
}

/** One word of a shell line, whatever is in it. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** In double quotes, so that the node's shell still fills in variables. */
export const quoteOpen = (text: string): string => `"${text.replace(/["\\`]/g, "\\$&")}"`;

/** `HH:MM:SS`, as all three systems take it. */
export function clockText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
