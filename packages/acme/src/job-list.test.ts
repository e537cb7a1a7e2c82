// The list of jobs as people see it.
import { expect, it } from "vitest";
import { jobsText, type ListedJobs } from "./job-list.js";

const nowMs = new Date(2026, 0, 2, 12, 0, 0).getTime();
const base = {
  system: "slurm",
  cluster: "one",
  refs: [],
  reason: "",
  nodes: "",
  note: "",
} as const;

it("says of each job where it is, why it waits, and whose it is", () => {
  const jobs: ListedJobs[] = [
    {
      ...base,
      name: "7_[0-1]",
      state: "RUNNING",
      nodes: "node1",
      startMs: nowMs - 5 * 60_000,
      owner: "alive",
      note: "process 12",
    },
    {
      ...base,
      name: "7_[2-9]",
      state: "PENDING",
      reason: "Resources",
      startMs: null,
      owner: "gone",
    },
    { ...base, name: "9", state: "PENDING", startMs: nowMs + 86_400_000, owner: "unknown" },
  ];
  const [titles, ...lines] = jobsText(jobs, nowMs).trimEnd().split("\n");
  const cells = (line: string | undefined) => line?.split(/ {2,}/);
  expect(cells(titles)).toEqual(["JOBS", "STATE", "NODES", "START", "CLUSTER", "OWNER"]);
  const running = ["7_[0-1]", "RUNNING", "node1", "11:55:00 (5 min ago)", "one"];
  expect(lines.map(cells)).toEqual([
    [...running, "alive: process 12"],
    ["7_[2-9]", "PENDING (Resources)", "-", "-", "one", "gone"],
    ["9", "PENDING", "-", "2026-01-03 12:00:00 (in 24 h)", "one", "unknown"],
  ]);
  expect(new Set(lines.map((line) => line.indexOf("one"))).size).toBe(1);
});
