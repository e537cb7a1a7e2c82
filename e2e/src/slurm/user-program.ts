// Programs as users write them, run on the farm by node itself: everything from one package, results
// on standard output, what is going on on standard error.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { execa } from "execa";
import type { SlurmFarm } from "./farm.js";

const frontDoor = createRequire(import.meta.url).resolve("@acme/acme");

/**
 * Runs a program in a folder of its own, which is removed afterwards.
 *
 * @param imports - names from the front door
 * @param body - what follows the imports
 * @param env - on top of the farm's
 */
export async function runUserProgram(
  farm: SlurmFarm,
  imports: string,
  body: string,
  env: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(join(farm.shared, "program-"));
  const path = join(folder, "program.mjs");
  const from = JSON.stringify(frontDoor);
  writeFileSync(path, `import { ${imports} } from ${from};\n${body}`);
  try {
    const options = { env: { ...farm.env, ...env }, cwd: folder, reject: false } as const;
    return await execa(process.execPath, [path], { ...options, timeout: 110_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Ids of all jobs that are not over. */
export async function queued(farm: SlurmFarm): Promise<string[]> {
  const states = ["PENDING", "RUNNING", "COMPLETING"];
  return (await farm.squeue()).filter(({ state }) => states.includes(state)).map(({ id }) => id);
}
