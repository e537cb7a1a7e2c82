// The README's examples run as shown, character for character, and print what it says.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { clustersFolder } from "@acme/credentials";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const require = createRequire(import.meta.url);
/** Inside the workspace, so that `@acme/client` is found as an installed package would be. */
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

it("runs the first example, which leaves a container behind", async () => {
  const file = join(folder, "example.mjs");
  writeFileSync(file, examples[0] as string);
  const started = performance.now();
  const { stdout } = await execa(process.execPath, [file], { cwd: folder });
  console.info(`the README's example took ${(performance.now() - started).toFixed(0)} ms`);
  expect(stdout.split("\n")[0]).toBe("3 periods of the first pendulum");
  expect(stdout).toMatch(/results in .*pendulum\.h5/);
  const { ready, File } = await import("h5wasm/node");
  await ready;
  const container = new File(join(folder, "pendulum", "pendulum.h5"), "r");
  const result = container.get("result_0") as { shape: number[] };
  expect(result.shape).toEqual([4, 3]);
  container.close();
});

it("runs the commands and the second example", async () => {
  const bin = (name: string): string =>
    join(dirname(require.resolve(`@acme/${name}/package.json`)), "bin", `acme-${name}.js`);
  const options = { cwd: folder, node: true, reject: false } as const;
  const scheduler = execa(bin("scheduler"), ["--name", "demo", "--port", "0"], options);
  const workers = execa(bin("worker"), ["--cluster", "demo", "--nworkers", "2"], options);
  const contact = join(clustersFolder(), "demo", "scheduler.json");
  await expect.poll(() => existsSync(contact), { timeout: 20_000 }).toBe(true);
  writeFileSync(join(folder, "second.mjs"), examples[1] as string);
  const { stdout } = await execa(process.execPath, ["second.mjs"], { cwd: folder });
  expect(stdout).toBe("14");
  workers.kill("SIGTERM");
  expect((await workers).exitCode).toBe(0);
  scheduler.kill("SIGTERM");
  expect((await scheduler).exitCode).toBe(0);
});
