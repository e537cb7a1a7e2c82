// Runs the tests: all of them, or those that arguments name (they go to vitest as they are). Tests
// on SLURM wait for it most of the time, so they run beside the others, on two farms of their own.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";

const vitest = join(import.meta.dirname, "node_modules/vitest/vitest.mjs");
const given = process.argv.slice(2);

/** Resolves with the exit code, and with what was printed if that is kept back. */
function run(args, { env = {}, keepsOutput = false } = {}) {
  const child = spawn(process.execPath, [vitest, "run", ...args], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env },
    stdio: keepsOutput ? ["ignore", "pipe", "pipe"] : "inherit",
  });
  const printed = [];
  child.stdout?.on("data", (chunk) => printed.push(chunk));
  child.stderr?.on("data", (chunk) => printed.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, printed: Buffer.concat(printed) }));
  });
}

/** One after the other, in one process. */
const onThisMachine = ["measuring", "unit*", "e2e"];

/** Those that run beside the others, each on a farm of its own. */
const onSlurm = ["slurm", "slurm-losses"];

/** Above those that the farm chooses by itself, and the same for the same folder. */
function farmId(turn) {
  const [byte] = createHash("sha256")
    .update(import.meta.dirname)
    .digest();
  return 220 + 17 * turn + (byte % 17);
}

async function runAll() {
  const report = process.env.ACME_TEST_REPORT;
  const beside = onSlurm.map((project, turn) => {
    const env = { ACME_FARM_ID: String(farmId(turn)) };
    if (report !== undefined) env.ACME_TEST_REPORT = `${report}.${project}`;
    return run(["--project", project], { env, keepsOutput: true });
  });
  const others = await run(onThisMachine.flatMap((project) => ["--project", project]));
  const ended = await Promise.all(beside);
  for (const { printed } of ended) process.stdout.write(printed);
  return [others, ...ended].find(({ code }) => code !== 0)?.code ?? 0;
}

if (!existsSync(vitest)) throw new Error(`${vitest} is missing: run npx -y pnpm@10 install`);
process.exitCode = given.length > 0 ? (await run(given)).code : await runAll();
