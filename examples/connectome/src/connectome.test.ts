// The demo as users run it, and its numbers against NumPy's, from the recording on.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { compareWithNumpy } from "./fixtures/numpy.js";

const home = join(import.meta.dirname, "..");
/** The built program, as users run it. */
const program = fileURLToPath(new URL("./main.js", import.meta.url)).replace("/src/", "/dist/");
const recording = join(home, "data", "fmri_timeseries.csv");

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "connectome-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("the demo's connectomes are NumPy's, in one array over all windows", async (context) => {
  const folder = temporaryFolder();
  // The estimate does not depend on the resamples, of which the real demo takes 2,000.
  const args = [program, "--resamples", "20"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  expect(stdout).toContain("block length 10");
  expect(stdout).toMatch(/speed-up: \d+\.\d+/);
  expect(stderr).toContain("51/51");
  const [run] = readdirSync(folder);
  const container = join(folder, run as string, "computeConnectome.h5");
  expect(stdout).toContain(`${run}/computeConnectome.h5`);
  expect(readFileSync(join(folder, run as string, "connectome.svg"), "utf8")).toContain("<svg");
  const found = compareWithNumpy(context, recording, container);
  expect(found).toMatchObject({
    virtual: true,
    shape: [28, 28, 51],
    dtype: "float64",
    missing: 0,
    completed: 51,
    attributes: {
      block_length: 10,
      resamples: 20,
      generator: "xoroshiro128plus",
      function: "computeConnectome",
    },
    regions: ["LCau", "LPut"],
  });
  expect(found.difference).toBeLessThan(1e-9);
  const [smallest, largest] = found.errors;
  expect(smallest).toBeGreaterThan(0);
  expect(largest).toBeLessThan(1);
});

test("results that are there are taken again, and those of other inputs are not mixed in", async () => {
  const folder = temporaryFolder();
  const run = (resamples: string): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, [program, "--resamples", resamples, "--output", "mine"], {
      cwd: folder,
    });
  await run("2");
  expect(existsSync(join(folder, "mine", "computeConnectome.h5"))).toBe(true);
  const again = await run("2");
  expect(again.stderr).toContain("all 51 results are there already");
  expect(again.stdout).toContain("51 of 51 windows were there already: no speed-up to tell");
  expect(again.stdout).not.toContain("speed-up: ");
  await expect(run("3")).rejects.toMatchObject({
    stderr: expect.stringContaining("INPUTS_CHANGED"),
  });
});
