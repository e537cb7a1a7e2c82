// What a queue holds of ours, and how many lines that takes.
import { expect, it } from "vitest";
import { parseSqueueText } from "./drivers/slurm-text.js";
import { groupJobs } from "./queued-jobs.js";

const queue = [
  "7_0|RUNNING|1700000000|N/A|node1|acme:one|None",
  "7_1|RUNNING|1700000000|N/A|node1|acme:one|None",
  "7_2|RUNNING|1700000000|N/A|node2|acme:one|None",
  "7_[3-5,9%2]|PENDING|N/A|N/A||acme:one|Resources",
  "8_0|COMPLETED|1700000000|1700000100|node1|acme:one|None",
  "9|PENDING|1700001000|N/A||acme:two|Priority",
  "10_0|RUNNING|1700000000|N/A|node1|something else|None",
  "11|RUNNING|1700000000|N/A|node1|(null)|None",
].join("\n");

it("puts in one line what is alike, and leaves out what is over or not ours", () => {
  const jobs = groupJobs("slurm", parseSqueueText(queue));
  expect(
    jobs.map(({ name, cluster, state, reason, nodes, startMs }) => [
      name,
      cluster,
      state,
      reason,
      nodes,
      startMs,
    ]),
  ).toEqual([
    ["7_[0-1]", "one", "RUNNING", "", "node1", 1_700_000_000_000],
    ["7_2", "one", "RUNNING", "", "node2", 1_700_000_000_000],
    ["7_[3-5,9]", "one", "PENDING", "Resources", "", null],
    ["9", "two", "PENDING", "Priority", "", 1_700_001_000_000],
  ]);
  expect(jobs[2]?.refs.map(({ index }) => index)).toEqual([3, 4, 5, 9]);
});
