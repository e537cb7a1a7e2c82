// The README's examples run as shown, character for character, and print what it says.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { clustersFolder } from "@acme/credentials";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pythonFor } from "../python/site.js";
import { slurmFarm } from "../slurm/farm.js";
import { queued } from "../slurm/user-program.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const require = createRequire(import.meta.url);
/** Inside the workspace, so that `@acme/acme` is found as an installed package would be. */
const workspace = join(root, "e2e", "dist");
let folder: string;

beforeAll(() => {
  mkdirSync(workspace, { recursive: true });
  folder = mkdtempSync(join(workspace, "readme-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const examples = [
  ...readFileSync(join(root, "README.md"), "utf8").matchAll(/```js\n(.*?)```/gs),
].map(([, code]) => code as string);

it("runs the first example on SLURM, which leaves a container behind and no jobs", async (context) => {
  const farm = await slurmFarm(context);
  const file = join(folder, "example.mjs");
  writeFileSync(file, examples[0] as string);
  const started = performance.now();
  const options = { cwd: folder, env: farm.env };
  const { stdout, stderr } = await execa(process.execPath, [file], options);
  console.info(`the README's example took ${(performance.now() - started).toFixed(0)} ms`);
  expect(stdout.split("\n")[0]).toBe("3 periods of the first pendulum");
  expect(stdout).toMatch(/results in .*pendulum\.h5/);
  expect(stderr).toContain("SLURM workers ready: 0/4  [elapsed time 00:00 | timeout at 01:00]");
  expect(await queued(farm)).toEqual([]);
  const { ready, File } = await import("h5wasm/node");
  await ready;
  const container = new File(join(folder, "pendulum", "pendulum.h5"), "r");
  const result = container.get("result_0") as { shape: number[] };
  expect(result.shape).toEqual([4, 3]);
  container.close();
});

it("runs the second example, which says that it runs here", async () => {
  const file = join(folder, "local.mjs");
  writeFileSync(file, examples[1] as string);
  const { stdout, stderr } = await execa(process.execPath, [file], { cwd: folder });
  expect(stdout).toBe("[ 6, 8, 10, 12 ]");
  expect(examples[1]).toContain(`// ${stdout}`);
  expect(stderr).toMatch(/a cluster of its own, (this machine|SLURM jobs) /);
});

it("runs the third example, of whose many calls one fails", async () => {
  const file = join(folder, "many.mjs");
  writeFileSync(file, examples[2] as string);
  const { stdout, stderr } = await execa(process.execPath, [file], { cwd: folder });
  expect(stdout).toBe("99999 are done; [ 77 ] failed: no 77");
  expect(stderr).toMatch(/call 77, root\(77\) 2 attempts, on .*\n {2}RangeError: no 77/);
});

it("runs the commands and the fourth example", async () => {
  const bin = (name: string): string =>
    join(dirname(require.resolve(`@acme/${name}/package.json`)), "bin", `acme-${name}.js`);
  const options = { cwd: folder, node: true, reject: false } as const;
  const scheduler = execa(bin("scheduler"), ["--name", "demo", "--port", "0"], options);
  const workers = execa(bin("worker"), ["--cluster", "demo", "--nworkers", "2"], options);
  const contact = join(clustersFolder(), "demo", "scheduler.json");
  await expect.poll(() => existsSync(contact), { timeout: 20_000 }).toBe(true);
  writeFileSync(join(folder, "second.mjs"), examples[3] as string);
  const { stdout } = await execa(process.execPath, ["second.mjs"], { cwd: folder });
  expect(stdout).toBe("14");
  workers.kill("SIGTERM");
  expect((await workers).exitCode).toBe(0);
  scheduler.kill("SIGTERM");
  expect((await scheduler).exitCode).toBe(0);
});

it("runs the example that calls Python", { timeout: 300_000 }, async (context) => {
  const python = pythonFor(context);
  const file = join(folder, "norm.mjs");
  writeFileSync(file, examples[4] as string);
  const env = { PATH: `${dirname(python)}${delimiter}${process.env.PATH}` };
  const { stdout } = await execa(process.execPath, [file], { cwd: folder, env });
  expect(stdout).toBe("5");
  expect(examples[4]).toContain(`// ${stdout}`);
});
