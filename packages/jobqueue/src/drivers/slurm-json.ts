// Reads `squeue --json` of every release since 21.08: numbers plain or as `{ set, number }`, states
// as one word or a list. A pending array is one record for many elements.
import { BatchOutputError, CommandError } from "../errors.js";
import type { JobRef, JobStatus } from "./driver.js";
import { parseRanges } from "./index-ranges.js";
import { slurmMeaning } from "./slurm-states.js";

type Fields = Readonly<Record<string, unknown>>;

/** @throws BatchOutputError; CommandError if it could not reach the controller */
export function parseSqueueJson(stdout: string): JobStatus[] {
  let answer: { jobs?: unknown; errors?: unknown };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw new BatchOutputError("squeue --json", stdout, "it is no JSON");
  }
  if (Array.isArray(answer?.errors) && answer.errors.length > 0) throw noAnswer(answer.errors);
  if (!Array.isArray(answer?.jobs)) {
    throw new BatchOutputError("squeue --json", stdout, "it has no list of jobs");
  }
  return (answer.jobs as Fields[]).flatMap(statusesOf);
}

// It succeeds even without a controller, and then its list of jobs is empty.
function noAnswer(errors: readonly unknown[]): CommandError {
  const [{ description, error, source }] = errors as [Fields];
  const why = [description, error, source].map(textOf).filter((text) => text !== "");
  const failure = { exitCode: 0, stderr: why.join("; "), transient: true, isMissing: false };
  return new CommandError({ argv: ["squeue", "--json"], ...failure, why: failure.stderr });
}

function statusesOf(job: Fields): JobStatus[] {
  const reason = textOf(job.state_reason);
  const words = Array.isArray(job.job_state) ? job.job_state.map(String) : [textOf(job.job_state)];
  const exit = exitOf(job.exit_code);
  const meaning = slurmMeaning(words, reason);
  const base = {
    ...meaning,
    word: words.join("+"),
    reason: reason === "None" ? "" : reason,
    // A job that runs has the exit status 0, and one that was killed has it as well.
    exitCode: meaning.state === "ended" && exit.signal === null ? exit.code : null,
    signal: exit.signal,
    nodes: textOf(job.nodes),
    startMs: timeOf(job.start_time),
    endMs: timeOf(job.end_time),
    restarts: numberOf(job.restart_cnt) ?? 0,
    comment: commentOf(job.comment),
  };
  return refsOfRecord(job).map((ref) => ({ ...base, ref }));
}

// An element that runs has an id of its own; only with the array's does it have our name.
function refsOfRecord(job: Fields): JobRef[] {
  const arrayId = numberOf(job.array_job_id) ?? 0;
  const id = String(numberOf(job.job_id) ?? "");
  if (arrayId === 0) return [{ jobId: id, index: null }];
  const jobId = String(arrayId);
  const waiting = textOf(job.array_task_string);
  if (waiting !== "") return indicesOf(waiting).map((index) => ({ jobId, index }));
  return [{ jobId, index: numberOf(job.array_task_id) ?? 0 }];
}

// squeue shortens it with dots, unless SLURM_BITSTR_LEN=0 is in its environment.
function indicesOf(text: string): number[] {
  const indices = parseRanges(text);
  if (indices !== null) return indices;
  throw new BatchOutputError("squeue --json", text, "these are no indices of an array");
}

/** A plain number, or `{ set, infinite, number }`; null when it is not set. */
function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value === null) return null;
  const { set, infinite, number } = value as { set?: boolean; infinite?: boolean; number?: number };
  return set === true && infinite !== true && typeof number === "number" ? number : null;
}

function timeOf(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds === null || seconds === 0 ? null : seconds * 1000;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** One text, or `{ administrator, job, system }` in newer releases. */
function commentOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return textOf(value);
  return textOf((value as { job?: unknown }).job);
}

/** A raw wait status, or an object that has it taken apart. */
function exitOf(value: unknown): { code: number | null; signal: number | null } {
  const raw = numberOf(value);
  if (raw !== null) return { code: (raw >> 8) & 0xff, signal: raw & 0x7f || null };
  if (typeof value !== "object" || value === null) return { code: null, signal: null };
  const { return_code, signal } = value as { return_code?: unknown; signal?: { id?: unknown } };
  const signalNumber = numberOf(signal?.id) ?? numberOf((signal as Fields | undefined)?.signal_id);
  return { code: numberOf(return_code), signal: signalNumber === 0 ? null : signalNumber };
}
