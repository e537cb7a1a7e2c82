// Options of the setup functions, with a site's own beneath them.
import { expect, it } from "vitest";
import { esiSite } from "./known-sites.js";
import { memoryOptions, readSetup, type SetupOptions } from "./setup-options.js";
import { plainSite } from "./site.js";

it("takes the site's where nothing is said, and a plain one's below", () => {
  expect(readSetup({}, plainSite)).toMatchObject({
    nWorkers: 1,
    partition: null,
    memPerWorker: "auto",
    coresPerWorker: 1,
    atLeast: 1,
    timeoutMs: 60_000,
    answerMs: 10_000,
    cushionMib: 100,
  });
  const esi = readSetup({ timeout: "2 min" }, esiSite);
  expect(esi).toMatchObject({ nWorkers: 2, coresPerWorker: null, answerMs: 120_000 });
  expect(esi).toMatchObject({ timeoutMs: 120_000, cushionMib: 100 });
});

it("lets cores follow the memory that is asked for", () => {
  expect(readSetup({ memPerWorker: "8 GB" }, plainSite).coresPerWorker).toBeNull();
  expect(readSetup({ memPerWorker: "8 GB", coresPerWorker: 2 }, plainSite).coresPerWorker).toBe(2);
});

it("hands on what is for the cluster, the user's above the site's", () => {
  const site = { ...plainSite, options: { account: "group", walltime: "01:00:00" } };
  const { cluster } = readSetup({ walltime: "02:00:00", jobExtra: ["--qos=fast"] }, site);
  expect(cluster).toMatchObject({ account: "group", walltime: "02:00:00" });
  expect(cluster.jobExtraDirectives).toEqual(["--qos=fast"]);
});

it("never waits for more workers than there will be", () => {
  expect(readSetup({ nWorkers: 3, nWorkersStartup: 10 }, plainSite).atLeast).toBe(3);
});

it.each<[keyof SetupOptions, unknown]>([
  ["nWorkers", 0],
  ["nWorkers", 1.5],
  ["coresPerWorker", 0],
  ["processesPerWorker", -1],
  ["nWorkersStartup", -1],
  ["timeout", "soon"],
  ["jobExtra", ["qos=fast"]],
  ["jobExtra", ["--a\n#SBATCH --b"]],
  ["jobExtra", ["--output"]],
  ["jobExtra", ["--output=/a=b"]],
  ["jobExtra", ["-o=/no-such-folder/%j.out"]],
])("refuses %s = %j by its name", (option, value) => {
  expect(() => readSetup({ [option]: value }, plainSite)).toThrow(
    expect.objectContaining({ code: "JOB_OPTION", option }),
  );
});

it("asks sbatch for the very megabytes", () => {
  expect(memoryOptions(1900)).toEqual({ memory: 1900 * 1024 ** 2, jobMemory: "1900M" });
  expect(memoryOptions(null)).toEqual({ memory: false });
});

it("takes the folder of --output for the jobs' own files, and no other directive away", () => {
  const jobExtra = ["--output=/tmp/slurm-%j.out", "--output-x", "-A other"];
  const { cluster } = readSetup({ jobExtra }, plainSite);
  expect(cluster.logDirectory).toBe("/tmp");
  expect(cluster.jobExtraDirectives).toEqual(["--output-x", "-A other"]);
});
