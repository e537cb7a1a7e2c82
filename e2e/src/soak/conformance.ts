// Whether Python programs find on our scheduler what they find on dask's own: the whole comparison,
// and dask's own tests where somebody says where they are. The command does both, in a process.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Findings } from "./findings.js";

const program = fileURLToPath(new URL("../../dist/conformance/main.js", import.meta.url));
const results = fileURLToPath(new URL("../../results/", import.meta.url));

export async function conformance(findings: Findings): Promise<void> {
  await findings.part("programs", async () => {
    const passed = await run();
    const { counts, caseCounts } = recorded("conformance.json");
    findings.note("programs", { names: counts, programs: caseCounts });
    findings.check(passed, "a program finds what it should not, or a name has no program");
  });
  const source = process.env.ACME_DASK_SOURCE;
  if (source === undefined) {
    findings.note("dask's own tests", "not run: ACME_DASK_SOURCE names no checkout of them");
    return;
  }
  await findings.part("dask's own tests", async () => {
    const passed = await run("--dask-tests", "--source", source, "--parts", "2");
    const { run: all, passed: good, unexplained } = recorded("dask-tests.json");
    findings.note("dask's own tests", { run: all, passed: good, unexplained });
    findings.check(passed, "a test of dask's fails for no known reason, or too many fail");
  });
}

async function run(...flags: string[]): Promise<boolean> {
  const { exitCode } = await execa(process.execPath, [program, ...flags], {
    reject: false,
    stdio: "inherit",
  });
  return exitCode === 0;
}

const recorded = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`${results}${name}`, "utf8")) as Record<string, unknown>;
