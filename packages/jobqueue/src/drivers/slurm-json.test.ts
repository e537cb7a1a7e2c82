// What squeue of SLURM 22.05 printed of jobs in every state, and the shape of newer releases. The
// text it printed at the same moment must mean the same.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { JobStatus } from "./driver.js";
import { parseSqueueJson } from "./slurm-json.js";
import { parseSqueueText } from "./slurm-text.js";

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

const idOf = ({ ref }: JobStatus) => (ref.index === null ? ref.jobId : `${ref.jobId}_${ref.index}`);
const byId = (jobs: readonly JobStatus[]) => new Map(jobs.map((job) => [idOf(job), job]));

describe.each(["busy", "later"])("SLURM 22.05, %s", (name) => {
  const json = byId(parseSqueueJson(fixture(`squeue-${name}.json`)));
  const text = byId(parseSqueueText(fixture(`squeue-${name}.txt`)));

  it("says the same as text and as JSON", () => {
    // One element is missing in the text, by a fault of `squeue --array`.
    expect([...text.keys(), "28_38"].sort()).toEqual([...json.keys()].sort());
    for (const [id, job] of text) {
      // Text has no columns for these.
      const { exitCode, signal, restarts } = json.get(id) as JobStatus;
      expect({ ...job, exitCode, signal, restarts }).toEqual(json.get(id));
    }
  });
});

describe("SLURM 22.05", () => {
  const busy = byId(parseSqueueJson(fixture("squeue-busy.json")));
  const later = byId(parseSqueueJson(fixture("squeue-later.json")));

  it("names every waiting element of an array", () => {
    const waiting = [...busy.values()].filter((job) => job.state === "pending").map(idOf);
    const named = (base: number, ...indices: number[]) =>
      indices.map((index) => `${base}_${index}`);
    expect(waiting).toEqual(expect.arrayContaining(named(16, 4, 5, 6, 8, 9, 10, 11)));
    expect(waiting).toEqual(expect.arrayContaining(named(28, 3, 8, 13, 18, 23, 28, 33, 38)));
    expect(waiting).toEqual(expect.arrayContaining(named(30, 1, 4, 9, 10, 11, 12)));
    expect(busy.get("16_4")).toMatchObject({ reason: "JobArrayTaskLimit", startMs: null });
    // Cancelled before it began: it is gone.
    expect(busy.has("16_7")).toBe(false);
  });

  it.each([
    ["16_0", { state: "running", nodes: "node1", exitCode: null, endMs: 1_795_375_897_000 }],
    ["17_1", { state: "pending", reason: "BeginTime", restarts: 1, startMs: 1_795_374_219_000 }],
    ["23_2", { state: "held", reason: "JobHeldUser", isHopeless: false }],
    ["25", { state: "pending", reason: "Dependency", isHopeless: false }],
    ["31", { state: "ending", outcome: null }],
    ["28_8", { state: "pending", reason: "Resources", startMs: 1_795_388_460_000 }],
  ])("reads %s while it is alive", (id, expected) => {
    expect(busy.get(id)).toMatchObject(expected);
  });

  it.each([
    ["10", { outcome: "completed", exitCode: 0, signal: null }],
    ["11", { outcome: "failed", exitCode: 7, reason: "NonZeroExitCode" }],
    ["12", { outcome: "failed", exitCode: null, signal: 9 }],
    ["13", { outcome: "timeout", reason: "TimeLimit" }],
    ["14", { outcome: "node-failed", reason: "NodeDown", nodes: "node4" }],
    ["16_2", { outcome: "cancelled", signal: 15 }],
    ["31", { outcome: "cancelled", comment: "acme:recorded:completing" }],
  ])("reads why %s ended", (id, expected) => {
    expect(later.get(id)).toMatchObject({ state: "ended", ...expected });
  });

  it("takes a job back that was requeued when its node failed", () => {
    expect(later.get("15")).toMatchObject({ state: "pending", outcome: null, restarts: 1 });
  });

  it("tells which requests can never run", () => {
    const hopeless = [...later.values()].filter((job) => job.isHopeless).map(idOf);
    expect(hopeless.sort()).toEqual(["22", "25", "26", "29"]);
  });
});

describe("newer releases", () => {
  const jobs = byId(parseSqueueJson(fixture("squeue-newer.json")));

  it.each([
    ["16_5", { state: "pending", reason: "JobArrayTaskLimit", startMs: null }],
    ["16_0", { state: "running", nodes: "node1", comment: "acme:newer:array" }],
    ["16_1", { state: "ending", word: "CANCELLED+COMPLETING" }],
    ["16_2", { state: "ended", outcome: "completed", exitCode: 0 }],
    ["30", { state: "ended", outcome: "failed", exitCode: 7, signal: null }],
    ["31", { state: "ended", outcome: "failed", exitCode: null, signal: 9 }],
    ["32", { state: "pending", restarts: 1 }],
    ["33", { state: "running", endMs: null, startMs: 1_795_374_094_000 }],
    ["34", { state: "ended", outcome: "node-failed" }],
    ["35", { state: "ended", outcome: "out-of-memory", signal: 9 }],
  ])("reads %s", (id, expected) => {
    expect(jobs.get(id)).toMatchObject(expected);
  });
});

describe("what is no answer", () => {
  it("may succeed and hold an empty list: there was no controller", () => {
    const error = { description: "Failed while looking for jobs", error: "Unspecified error" };
    const stdout = JSON.stringify({ errors: [{ ...error, source: "slurm_load_jobs" }], jobs: [] });
    expect(() => parseSqueueJson(stdout)).toThrow(
      expect.objectContaining({ code: "BATCH_COMMAND", transient: true }),
    );
  });

  const shortened = JSON.stringify({
    jobs: [{ job_id: 2, array_job_id: 2, array_task_string: "1-2,5,...", job_state: "PENDING" }],
  });

  it.each(["", "slurm_load_jobs error: Unable to contact", "{}", "null", shortened])(
    "is refused: %j",
    (stdout) => {
      expect(() => parseSqueueJson(stdout)).toThrow(
        expect.objectContaining({ code: "BATCH_OUTPUT" }),
      );
    },
  );
});
