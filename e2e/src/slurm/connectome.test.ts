// Goal: who has nothing but the packed packages and an account on a SLURM writes two lines, and the
// demo's analysis runs there as it does on one machine. Method: an empty folder, a real queue.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, expect, it } from "vitest";
import {
  installTarballs,
  isNetworkFailure,
  packAll,
  publishablePackages,
} from "../pack/tarballs.js";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { queued } from "./user-program.js";

const example = fileURLToPath(new URL("../../../examples/connectome", import.meta.url));
const program = fileURLToPath(new URL("./fixtures/connectome-on-slurm.mjs", import.meta.url));

let folder: string | undefined;
let installed: string;

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** In a folder that nodes see too, and that has nothing of this repository. */
async function install(farm: SlurmFarm): Promise<void> {
  folder = mkdtempSync(join(farm.shared, "from-packages-"));
  installed = join(folder, "installed");
  const tarballs = await packAll(publishablePackages(), join(folder, "tarballs"));
  const used = ["ml-matrix", "pure-rand"].map((name) => {
    const manifest = join(example, "node_modules", name, "package.json");
    return `${name}@${(JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version}`;
  });
  await installTarballs(installed, [...tarballs.values(), ...used]);
  for (const file of ["dist/connectome.js", "dist/recording.js", "data/fmri_timeseries.csv"]) {
    copyFileSync(join(example, file), join(installed, file.split("/")[1] as string));
  }
  copyFileSync(program, join(installed, "program.mjs"));
}

async function installOrSkip(farm: SlurmFarm, context: SkippableContext): Promise<void> {
  try {
    await install(farm);
  } catch (error) {
    if (!isNetworkFailure(error)) throw error;
    skipWithReason(context, "no package registry can be reached", error);
  }
}

async function resultsIn(container: string): Promise<{ shape: number[]; values: Float64Array }> {
  const { ready, File } = await import("h5wasm/node");
  await ready;
  const file = new File(container, "r");
  const { shape, value } = file.get("result_0") as { shape: number[]; value: Float64Array };
  file.close();
  return { shape, values: value };
}

const run = (farm: SlurmFarm, outputDir: string) =>
  execa(process.execPath, ["program.mjs", outputDir], {
    env: farm.env,
    cwd: installed,
    reject: false,
    timeout: 110_000,
  });

it("maps on one array of jobs, as on this machine, and leaves an empty queue", async (context) => {
  const farm = await slurmFarm(context);
  await installOrSkip(farm, context);
  const before = new Set((await farm.squeue()).map(({ id }) => id));
  const there = await run(farm, "slurm");
  expect(there.exitCode, there.stderr).toBe(0);
  expect(await queued(farm)).toEqual([]);
  const jobs = (await farm.squeue()).map(({ id }) => id).filter((id) => !before.has(id));
  // Elements that never ran are in one line.
  expect(jobs.length).toBeGreaterThan(1);
  expect(new Set(jobs.map((id) => id.split("_")[0])).size).toBe(1);
  expect(there.stderr).toContain(
    "<esiClusterSetup> asking for 10 workers in 8GBXS: 1 core, 1900 MiB each",
  );
  expect(there.stderr).toMatch(/SLURM workers ready: 0\/10 {2}\[elapsed time 00:00/);
  expect(there.stderr).toMatch(
    /<esiClusterSetup> ready: \d+ of 10 workers at tls:.*the others join/,
  );
  expect(there.stderr).toContain("51 calls of computeConnectome on the given client");

  const here = await run(farm, "local");
  expect(here.exitCode, here.stderr).toBe(0);
  const [found, expected] = await Promise.all([there, here].map((one) => resultsIn(one.stdout)));
  expect(found?.shape).toEqual([28, 28, 51]);
  expect(found?.values.some(Number.isNaN)).toBe(false);
  expect(found?.values).toEqual(expected?.values);
}, 300_000);
