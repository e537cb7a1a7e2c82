// Goal: real Python programs find the same on our scheduler as on dask's, and right results when
// workers are killed meanwhile. Method: the small form of every program of the benchmark, on both;
// and programs that know what they should find, with a worker killed in their middle.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PythonCluster, type PythonSite, type SchedulerName } from "../../bench/python-cluster.js";
import { killDuring, type SurvivorWork, type Victim } from "../../bench/python-kills/kills.js";
import { programNames, runOn } from "../../bench/python-programs/run.js";
import { makeSite } from "../../bench/site.js";
import { pythonFor } from "./site.js";

let folder = "";
let credentials: ReturnType<typeof makeSite>[0]["tls"];
let remove = () => {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-programs-"));
  const [site, removeSite] = makeSite({ dask: { python: "", versions: {} }, esiAcme: undefined });
  credentials = site.tls;
  remove = removeSite;
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  remove();
});

const siteOf = (python: string): PythonSite => ({
  folder,
  tls: credentials,
  dask: { python, versions: {} },
});

describe("the same on both schedulers", () => {
  const small = { scale: "small", workers: 2 };
  const clusters = new Map<SchedulerName, PythonCluster>();
  const clusterOf = async (scheduler: SchedulerName, python: string) => {
    const options = { site: siteOf(python), scheduler, workers: small.workers };
    const cluster = clusters.get(scheduler) ?? (await PythonCluster.start(options));
    clusters.set(scheduler, cluster);
    return cluster;
  };
  afterAll(async () => {
    for (const cluster of clusters.values()) await cluster[Symbol.asyncDispose]();
  });

  it.for([...programNames])("%s", { timeout: 400_000 }, async (name, context) => {
    const python = pythonFor(context);
    const ours = await runOn(await clusterOf("acme", python), name, small);
    const theirs = await runOn(await clusterOf("dask", python), name, small);
    expect(ours.values).toEqual(theirs.values);
  });
});

describe("right while workers are killed", () => {
  // The soak has the others.
  const cases: [SurvivorWork, Victim, number[]][] = [
    ["graph", "nannied worker", [0.2, 0.7]],
    ["nested", "nanny", [0.3, 0.6]],
    ["shuffle", "worker", [0.2, 0.5]],
  ];
  it.for(cases)(
    "%s, kill -9 of a %s",
    { timeout: 400_000 },
    async ([work, victim, after], context) => {
      let turn = 0;
      const { found, right, kills } = await killDuring({
        site: siteOf(pythonFor(context)),
        work,
        size: 256,
        workers: 3,
        victim,
        after,
        random: () => (turn++ % 3) / 3,
      });
      expect(found).toBe(right);
      expect(kills).toBe(after.length);
    },
  );
});
