// What Grid Engine prints, in the form of 8.1.9.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sge } from "./sge.js";

const xml = readFileSync(new URL("./fixtures/qstat-sge.xml", import.meta.url), "utf8");

describe("qstat -xml", () => {
  const jobs = sge.parsePoll(xml);
  const find = (jobId: string, index: number | null) =>
    jobs.find(({ ref }) => ref.jobId === jobId && ref.index === index);

  it("names every waiting element", () => {
    const waiting = jobs.filter(({ ref, state }) => ref.jobId === "2" && state === "pending");
    expect(waiting.map(({ ref }) => ref.index)).toEqual([3, 5, 7, 9, 12]);
  });

  it.each([
    ["2", 1, { state: "running", nodes: "node1.example", word: "r" }],
    ["2", 2, { state: "ending", nodes: "node2.example" }],
    ["3", null, { state: "running", restarts: 1 }],
    ["4", 7, { state: "starting" }],
    ["5", 1, { state: "held", reason: expect.stringContaining("error") }],
    ["6", null, { state: "held", reason: "" }],
    ["7", null, { state: "pending", restarts: 1 }],
  ])("reads %s, element %j", (jobId, index, expected) => {
    expect(find(jobId, index)).toMatchObject(expected);
  });

  it("knows when a job began", () => {
    expect(find("2", 1)?.startMs).toBe(new Date(2026, 10, 22, 19, 10, 5).getTime());
    expect(find("2", 3)?.startMs).toBeNull();
  });

  it("has no jobs when there are none, and is no answer when it is cut", () => {
    expect(sge.parsePoll("<?xml version='1.0'?>\n<job_info>\n</job_info>\n")).toEqual([]);
    const refused = expect.objectContaining({ code: "BATCH_OUTPUT" });
    expect(() => sge.parsePoll("error: commlib error: got select error")).toThrow(refused);
    expect(() => sge.parsePoll(xml.slice(0, 700))).toThrow(refused);
  });
});

describe("qsub -terse", () => {
  it.each([
    ["2.1-3:1\n", 3, [1, 2, 3]],
    ["warning: no host\n2.1-1:1\n", 1, [1]],
  ])("printed %j", (stdout, count, indices) => {
    const refs = indices.map((index) => ({ jobId: "2", index }));
    expect(sge.parseSubmit(stdout, count)).toEqual(refs);
  });

  it("printed no job id", () => {
    expect(() => sge.parseSubmit("Unable to run job\n", 1)).toThrow(
      expect.objectContaining({ code: "BATCH_OUTPUT" }),
    );
  });
});
