// What qstat prints: of OpenPBS as its documentation shows it, of SLURM's qstat as it was recorded.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
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
    [0, { state: "running", nodes: "node1/0*2", restarts: 0 }],
    [1, { state: "ended", outcome: "failed", signal: 15, exitCode: null, restarts: 1 }],
    [2, { state: "pending", isHopeless: true, reason: expect.stringContaining("T: 8)") }],
    [3, { state: "ended", outcome: "timeout", exitCode: null }],
    [4, { state: "held", isHopeless: false }],
    [5, { state: "ended", outcome: "failed", exitCode: 3 }],
  ])("reads job %i", (at, expected) => {
    expect(jobs[at]).toMatchObject(expected);
  });
});

describe("SLURM's qstat", () => {
  it("is read, though it tells no exit codes and elements by numbers of their own", () => {
    const jobs = pbs.parsePoll(fixture("qstat-slurm.txt"));
    expect(jobs.map(({ ref, state }) => [ref.jobId, ref.index, state])).toEqual([
      ["6", null, "running"],
      ["4", null, "ended"],
      ["5", null, "ended"],
    ]);
    expect(jobs[0]).toMatchObject({ nodes: "node1/1", word: "R" });
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
