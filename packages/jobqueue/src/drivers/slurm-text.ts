// Reads `squeue` as text, for releases without JSON. The format is ours; `SLURM_TIME_FORMAT=%s` in
// the environment makes times numbers.
import { BatchOutputError } from "../errors.js";
import type { JobRef, JobStatus } from "./driver.js";
import { parseRanges } from "./index-ranges.js";
import { slurmMeaning } from "./slurm-states.js";

/** Job or element, state, start, end, nodes, comment, reason; the reason last, it may hold `|`. */
export const squeueTextFormat = "%i|%T|%S|%e|%N|%k|%r";

/** @throws BatchOutputError naming the line */
export function parseSqueueText(stdout: string): JobStatus[] {
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => statusesOf(line));
}

function statusesOf(line: string): JobStatus[] {
  const [id = "", word = "", start, end, nodes = "", comment = "", ...rest] = line.split("|");
  const refs = refsIn(id.trim());
  if (refs === null || rest.length === 0) {
    throw new BatchOutputError("squeue", line, "a line has other fields than those asked for");
  }
  const reason = rest.join("|").trim();
  const status = {
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
  return refs.map((ref) => ({ ...status, ref }));
}

/** `7`, `7_3`, or the elements of an array that wait: `7_[0-3,9%2]`. */
function refsIn(id: string): JobRef[] | null {
  const match = /^(\d+)(?:_(\d+|\[(.+)\]))?$/.exec(id);
  if (match === null) return null;
  const [, jobId = "", index, waiting] = match;
  if (index === undefined) return [{ jobId, index: null }];
  const indices = parseRanges(waiting ?? index);
  return indices === null ? null : indices.map((each) => ({ jobId, index: each }));
}

function timeOf(text: string | undefined): number | null {
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
