// What qstat prints: of OpenPBS as its documentation shows it, of SLURM's qstat as it was recorded.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { BatchDriver } from "./driver.js";
import { pbs } from "./pbs.js";
import { parseBlocks } from "./qstat-blocks.js";

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

describe("OpenPBS", () => {
  const openPbs = fixture("qstat-openpbs.txt");
  const jobs = pbs.parsePoll(openPbs);

  it("joins long values and keeps fields apart", () => {
    const [, first] = parseBlocks(openPbs);
    expect(first?.id).toBe("123[0].pbs");
    expect(first?.fields.get("Variable_List")).toMatch(/HOME=\/home\/ada.*PBS_O_QUEUE=workq$/);
    expect(first?.fields.get("run_count")).toBe("1");
  });

  it("names the elements of an array, and not the array", () => {
    const refs = jobs.map(({ ref }) => `${ref.jobId}:${ref.index}`);
    expect(refs).toEqual(["123:0", "123:1", "123:2", "123:3", "123:4", "124:null"]);
  });

  it.each([
    [0, { state: "running", nodes: "node1/0*2", restarts: 0, endMs: null }],
    [1, { state: "ended", outcome: "failed", signal: 15, exitCode: null, restarts: 1 }],
    [2, { state: "pending", isHopeless: true, reason: expect.stringContaining("T: 8)") }],
    [3, { state: "ended", outcome: "timeout", exitCode: null }],
    [4, { state: "held", isHopeless: false }],
    [5, { state: "ended", outcome: "failed", exitCode: 3 }],
  ])("reads job %i", (at, expected) => {
    expect(jobs[at]).toMatchObject(expected);
  });
});

describe("SLURM's qsub", () => {
  const { dialects } = pbs;
  const slurm = dialects?.choose("", fixture("qsub-slurm-version.txt")) as BatchDriver;
  const jobs = slurm.parsePoll(fixture("qstat-slurm.txt"));
  const find = (id: string) => jobs.find(({ ref }) => ref.jobId === id);

  it("takes its script from a file, and is told where the output goes", () => {
    const job = { logDirectory: "/home/ada/my logs", jobName: "w" } as ResolvedJob;
    const output = "'/home/ada/my logs/%x.o%j'";
    expect(slurm.submit("#!/bin/sh\n", 1, job)).toEqual({
      argv: ["qsub", "-e", output, "-o", output],
      file: "#!/bin/sh\n",
    });
    expect(slurm.logFile(job, { jobId: "7", index: null })).toBe("/home/ada/my logs/w.o7");
  });

  it("makes no arrays, since qstat would not know their elements", () => {
    expect(slurm.arraySize).toBe(1);
    const refs = ["7", "8"].map((jobId) => ({ jobId, index: null }));
    expect(slurm.cancel(refs).map(({ argv }) => argv)).toEqual([["qdel", "7", "8"]]);
    expect(slurm.poll(refs).argv).toEqual(["qstat", "-f", "7", "8"]);
  });

  it("tells states, and no exit codes", () => {
    expect(jobs.map(({ ref, state, exitCode }) => [ref.jobId, state, exitCode])).toEqual([
      ["1", "ended", null],
      ["2", "ended", null],
      ["3", "ended", null],
      ["4", "ended", null],
      ["5", "running", null],
      ["6", "pending", null],
      ["9", "running", null],
      ["8", "pending", null],
      ["10", "running", null],
      ["11", "running", null],
      ["7", "running", null],
    ]);
  });

  it("tells where a job runs, and until when at most", () => {
    const startMs = find("5")?.startMs as number;
    expect(find("5")).toMatchObject({ nodes: "node1/1", word: "R", endMs: startMs + 1_800_000 });
  });
});

describe("Torque", () => {
  const torque = pbs.dialects?.choose("", "Version: 6.1.2\nCommit: 0\n") as BatchDriver;

  it("has another option for arrays, and no ranges of elements", () => {
    const refs = [0, 2].map((index) => ({ jobId: "7", index }));
    expect(torque.submit("", 3, {} as ResolvedJob).argv).toEqual(["qsub", "-t", "0-2"]);
    expect(torque.cancel(refs)[0]?.argv).toEqual(["qdel", "7[0]", "7[2]"]);
    expect(torque.poll(refs).argv).toEqual(["qstat", "-f", "-t", "7[]"]);
  });
});

describe("commands of OpenPBS", () => {
  const refs = [0, 1, 2, 5].map((index) => ({ jobId: "123", index }));

  it("name many elements at once", () => {
    const isOpenPbs = pbs.dialects?.choose("pbs_version = 23.06.06\n", "") as BatchDriver;
    expect(isOpenPbs.submit("", 3, {} as ResolvedJob).argv).toEqual(["qsub", "-J", "0-2"]);
    expect(pbs.submit("x", 1, {} as ResolvedJob)).toEqual({ argv: ["qsub"], stdin: "x" });
    expect(pbs.poll(refs).argv).toEqual(["qstat", "-f", "-t", "123[]"]);
    expect(pbs.cancel(refs)[0]?.argv).toEqual(["qdel", "123[0-2,5]"]);
  });
});

describe("qsub", () => {
  it.each([
    ["124.pbs\n", 1, [{ jobId: "124", index: null }]],
    ["Welcome!\n123[].pbs\n", 2, [0, 1].map((index) => ({ jobId: "123", index }))],
    ["7\n", 1, [{ jobId: "7", index: null }]],
  ])("printed %j", (stdout, count, refs) => {
    expect(pbs.parseSubmit(stdout, count)).toEqual(refs);
  });

  it("printed no job id", () => {
    const refused = expect.objectContaining({ code: "BATCH_OUTPUT" });
    expect(() => pbs.parseSubmit("qsub: Unknown queue\n", 1)).toThrow(refused);
    expect(() => pbs.parsePoll("Job Id: what\n    job_state = R\n")).toThrow(refused);
  });
});
