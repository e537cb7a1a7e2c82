// Goal: real Python programs find the same on our scheduler as on dask's, and right results when
// workers are killed meanwhile. Method: the small form of every program of the benchmark, on both;
// and programs that know what they should find, with a worker killed in their middle.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PythonSite } from "../../bench/python-cluster.js";
import { killDuring, type SurvivorWork, type Victim } from "../../bench/python-kills/kills.js";
import { programNames, runProgram } from "../../bench/python-programs/run.js";
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
  it.for([...programNames])("%s", { timeout: 400_000 }, async (name, context) => {
    const options = { site: siteOf(pythonFor(context)), scale: "small", workers: 2 };
    const ours = await runProgram(name, { ...options, scheduler: "acme" });
    const theirs = await runProgram(name, { ...options, scheduler: "dask" });
    expect(ours.values).toEqual(theirs.values);
  });
});

describe("right while workers are killed", () => {
  const cases: [SurvivorWork, Victim, number[]][] = [
    ["graph", "worker", [0.3, 0.6]],
    ["graph", "nannied worker", [0.2, 0.7]],
    ["nested", "nanny", [0.3, 0.6]],
    ["shuffle", "worker", [0.2, 0.5]],
    ["rechunk", "worker", [0.3, 0.7]],
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
