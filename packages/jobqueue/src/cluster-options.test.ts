// From wishes for workers, cores and memory to numbers of jobs.
import { describe, expect, it } from "vitest";
import { jobsFor } from "./cluster-options.js";
import { JobClusterError } from "./errors.js";
import type { ResolvedJob } from "./options/resolved-job.js";

const job = { cores: 8, processes: 2, memoryBytes: 16e9 } as ResolvedJob;

describe("the number of jobs", () => {
  it.each([
    [5, 3],
    [0, 0],
    [{ workers: 4 }, 2],
    [{ jobs: 3 }, 3],
    [{ cores: 17 }, 3],
    [{ memory: "33 GB" }, 3],
    [{ workers: 1, cores: 9, memory: 100e9 }, 7],
  ])("%j: %i", (target, jobs) => expect(jobsFor(target, job)).toBe(jobs));

  it.each([-1, 1.5, Number.NaN, { jobs: -2 }, { memory: "many" }])("refuses %j", (target) => {
    expect(() => jobsFor(target, job)).toThrow(JobClusterError);
  });

  it("refuses memory when jobs have none of their own", () => {
    expect(() => jobsFor({ memory: 1 }, { ...job, memoryBytes: null })).toThrow(/memory is given/);
  });
});
