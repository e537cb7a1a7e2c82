// What a block of `qstat -f` says of a job.
// Must not know how the commands are called.
import { BatchOutputError } from "../errors.js";
import type { BatchOutcome, BatchState, JobStatus } from "./driver.js";
import type { PbsDialect } from "./pbs-dialects.js";
import type { QstatBlock } from "./qstat-blocks.js";

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

const never = /can never run|would exceed .* limit/i;

/** @throws BatchOutputError */
export function pbsJobs({ id, fields }: QstatBlock, dialect: PbsDialect): JobStatus[] {
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
      ...timesOf(fields, dialect),
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

function timesOf(fields: ReadonlyMap<string, string>, { startField, endField }: PbsDialect) {
  const startMs = timeOf(fields.get(startField));
  if (endField !== null) return { startMs, endMs: timeOf(fields.get(endField)) };
  const limit = /^(\d+):(\d+):(\d+)$/.exec(fields.get("Resource_List.walltime") ?? "");
  if (startMs === null || limit === null) return { startMs, endMs: null };
  const [hours, minutes, seconds] = limit.slice(1).map(Number) as [number, number, number];
  return { startMs, endMs: startMs + ((hours * 60 + minutes) * 60 + seconds) * 1000 };
}

function timeOf(text: string | undefined): number | null {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? null : ms;
}
