// From wishes for workers, cores and memory to numbers of jobs, and from the bounds of a cluster
// that follows its work to its rules.
import { describe, expect, it } from "vitest";
import { rulesFor } from "./adapt-options.js";
import { JobClusterError } from "./errors.js";
import type { ResolvedJob } from "./options/resolved-job.js";
import { jobsFor } from "./scale-target.js";

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

  it.each([-1, 1.5, Number.NaN, { jobs: -2 }, { memory: "many" }, {}])("refuses %j", (target) => {
    expect(() => jobsFor(target, job)).toThrow(JobClusterError);
  });

  it("refuses what it does not know, so that a slip of the pen ends no jobs", () => {
    expect(() => jobsFor({ worker: 8 } as object, job)).toThrow("there is no worker here");
  });

  it("refuses memory when jobs have none of their own", () => {
    expect(() => jobsFor({ memory: 1 }, { ...job, memoryBytes: null })).toThrow(/memory is given/);
  });
});

describe("the rules of adapt()", () => {
  const bounds = (options: object) => {
    const { minimumJobs, maximumJobs } = rulesFor(options, job);
    return [minimumJobs, maximumJobs];
  };

  it.each([
    [{}, [0, Number.POSITIVE_INFINITY]],
    [{ minimum: 3, maximum: 9 }, [2, 4]],
    [{ maximum: Number.POSITIVE_INFINITY }, [0, Number.POSITIVE_INFINITY]],
    [{ minimumJobs: 1, minimumCores: 17, maximumJobs: 7, maximumMemory: "100 GB" }, [3, 6]],
    [{ minimumMemory: 16e9, maximumCores: 31 }, [1, 3]],
    [{ maximumJobs: 0 }, [0, 0]],
  ])("%j: %j", (options, expected) => expect(bounds(options)).toEqual(expected));

  it("takes dask's defaults, and what is said instead", () => {
    expect(rulesFor({}, job)).toMatchObject({ intervalMs: 1_000, waitCount: 3 });
    expect(rulesFor({ waitCount: 1, patienceMs: 0 }, job)).toMatchObject({
      waitCount: 1,
      patienceMs: 0,
    });
  });

  it.each([
    { minimum: 4, maximum: 2 },
    { maximum: 1 },
    { minimum: -1 },
    { waitCount: 0 },
    { intervalMs: 0.5 },
    { minimun: 2 },
  ])("refuses %j", (options) => {
    expect(() => rulesFor(options as object, job)).toThrow(JobClusterError);
  });
});
