// Lines of squeue as text. What they mean beside JSON is compared in slurm-json.test.ts.
import { expect, it } from "vitest";
import { parseSqueueText } from "./slurm-text.js";

it("reads a reason that has the separator in it", () => {
  const [job] = parseSqueueText(
    "7_2|PENDING|N/A|N/A||(null)|ReqNodeNotAvail, UnavailableNodes:a|b\n",
  );
  expect(job).toMatchObject({
    ref: { jobId: "7", index: 2 },
    state: "pending",
    reason: "ReqNodeNotAvail, UnavailableNodes:a|b",
    isHopeless: false,
    comment: "",
    nodes: "",
    startMs: null,
    endMs: null,
  });
});

it("reads a job that is no array, and no jobs at all", () => {
  expect(parseSqueueText("7|RUNNING|10|20|n1|acme:x|None\n")[0]).toMatchObject({
    ref: { jobId: "7", index: null },
    startMs: 10_000,
    endMs: 20_000,
    reason: "",
  });
  expect(parseSqueueText("\n")).toEqual([]);
});

it("names every element of an array that waits", () => {
  const jobs = parseSqueueText("9_[1-2,5%4]|PENDING|N/A|N/A||acme:x|JobArrayTaskLimit\n");
  expect(jobs.map(({ ref }) => ref)).toEqual([1, 2, 5].map((index) => ({ jobId: "9", index })));
  expect(jobs[2]).toMatchObject({ state: "pending", reason: "JobArrayTaskLimit" });
});

it.each(["squeue: error: Socket timed out", "7_[0-3,...]|PENDING|N/A|N/A||x|None", "7|RUNNING|n1"])(
  "refuses %j",
  (line) => {
    expect(() => parseSqueueText(line)).toThrow(expect.objectContaining({ code: "BATCH_OUTPUT" }));
  },
);
