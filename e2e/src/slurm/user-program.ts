// Programs as users write them, run on the farm by node itself: everything from one package, results
// on standard output, what is going on on standard error.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { execa } from "execa";
import type { SlurmFarm } from "./farm.js";

const frontDoor = createRequire(import.meta.url).resolve("@acme/acme");

/** A program in a folder of its own, which goes with it. */
export interface ProgramFolder extends Disposable {
  readonly folder: string;
  readonly path: string;
}

/**
 * @param imports - names from the front door
 * @param body - what follows the imports
 */
export function programFolder(farm: SlurmFarm, imports: string, body: string): ProgramFolder {
  const folder = mkdtempSync(join(farm.shared, "program-"));
  const path = join(folder, "program.mjs");
  const from = JSON.stringify(frontDoor);
  writeFileSync(path, `import { ${imports} } from ${from};\n${body}`);
  return { folder, path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/**
 * Runs such a program.
 *
 * @param env - on top of the farm's
 */
export async function runUserProgram(
  farm: SlurmFarm,
  imports: string,
  body: string,
  env: Readonly<Record<string, string>> = {},
) {
  using program = programFolder(farm, imports, body);
  const options = { env: { ...farm.env, ...env }, cwd: program.folder, reject: false } as const;
  return await execa(process.execPath, [program.path], { ...options, timeout: 110_000 });
}

/** Ids of all jobs that are not over. */
export async function queued(farm: SlurmFarm): Promise<string[]> {
  const states = ["PENDING", "RUNNING", "COMPLETING"];
  return (await farm.squeue()).filter(({ state }) => states.includes(state)).map(({ id }) => id);
}
