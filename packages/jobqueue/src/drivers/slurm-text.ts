// Reads `squeue` as text, for releases without JSON. The format is ours; `SLURM_TIME_FORMAT=%s` in
// the environment makes times numbers.
import { BatchOutputError } from "../errors.js";
import type { JobRef, JobStatus } from "./driver.js";
import { slurmMeaning } from "./slurm-states.js";

/** Job or element, state, start, end, nodes, comment, reason; the reason last, it may hold `|`. */
export const squeueTextFormat = "%i|%T|%S|%e|%N|%k|%r";

/** @throws BatchOutputError naming the line */
export function parseSqueueText(stdout: string): JobStatus[] {
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => statusOf(line));
}

function statusOf(line: string): JobStatus {
  const [id = "", word = "", start, end, nodes = "", comment = "", ...rest] = line.split("|");
  const ref = refOf(id.trim());
  if (ref === null || rest.length === 0) {
    throw new BatchOutputError("squeue", line, "a line has other fields than those asked for");
  }
  const reason = rest.join("|").trim();
  return {
    ref,
    ...slurmMeaning([word.trim()], reason),
    word: word.trim(),
    reason: reason === "None" ? "" : reason,
    exitCode: null,
    signal: null,
    nodes: nodes.trim(),
    startMs: timeOf(start),
    endMs: timeOf(end),
    restarts: 0,
    comment: comment.trim() === "(null)" ? "" : comment.trim(),
  };
}

function refOf(id: string): JobRef | null {
  const match = /^(\d+)(?:_(\d+))?$/.exec(id);
  if (match === null) return null;
  const [, jobId = "", index] = match;
  return { jobId, index: index === undefined ? null : Number(index) };
}

function timeOf(text: string | undefined): number | null {
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
