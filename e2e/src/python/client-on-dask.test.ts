// Our client on dask's own scheduler with dask's own workers: functions of Python and data both ways,
// errors, cancels, and clear words where that scheduler cannot help.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, kwargs, type PythonException, python } from "@acme/client";
import { afterAll, expect, it } from "vitest";
import type { SkippableContext } from "../skip-with-reason.js";
import { pythonFor } from "./site.js";

const folder = mkdtempSync(join(tmpdir(), "acme-dask-"));
const children: ChildProcess[] = [];
let client: Client | undefined;

async function connected(context: SkippableContext): Promise<Client> {
  if (client !== undefined) return client;
  const executable = pythonFor(context);
  const file = join(folder, "scheduler.json");
  const start = (...words: string[]) =>
    children.push(spawn(executable, ["-m", ...words, "--no-dashboard"], { stdio: "ignore" }));
  start(
    "distributed.cli.dask_scheduler",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--scheduler-file",
    file,
  );
  while (!existsSync(file)) await sleep(50);
  await sleep(200);
  const { address } = JSON.parse(readFileSync(file, "utf8"));
  const worker = ["--nworkers", "2", "--nthreads", "1", "--local-directory", folder];
  start("distributed.cli.dask_worker", address, ...worker);
  client = await Client.connect(address);
  await client.waitForWorkers(2, { timeoutMs: 100_000 });
  return client;
}

afterAll(async () => {
  await client?.close();
  for (const child of children.reverse()) {
    if (child.exitCode !== null) continue;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

it("submits, maps and gathers", async (context) => {
  const client = await connected(context);
  const norm = python<(a: Float64Array) => number>("numpy.linalg:norm");
  expect(await client.submit(norm, [Float64Array.of(3, 4)]).result()).toBe(5);
  const square = python.source<(x: number) => number>("def square(x):\n    return x * x", "square");
  const squares = client.map(square, [[...Array(50).keys()]]);
  expect(await client.gather(squares)).toEqual(Array.from({ length: 50 }, (_, i) => i * i));
  const total = client.submit(python<(all: unknown) => number>("builtins:sum"), [squares]);
  expect(await total.result()).toBe(40425);
  const sorted = client.submit(python("builtins:sorted"), [[1, 3, 2], kwargs({ reverse: true })], {
    priority: 5,
    retries: 2,
  });
  expect(await sorted.result()).toEqual([3, 2, 1]);
});

it("scatters", async (context) => {
  const client = await connected(context);
  const big = await client.scatter(new Float64Array(100_000).fill(0.5));
  const sum = python<(a: Float64Array) => number>("numpy:sum");
  expect(await client.submit(sum, [big]).result()).toBe(50_000);
  expect(await big.result()).toEqual(new Float64Array(100_000).fill(0.5));
});

it("raises, and cancels", async (context) => {
  const client = await connected(context);
  const source = "def fail(x):\n    raise KeyError(x)";
  const failed = await client
    .submit(python.source(source, "fail"), ["k"])
    .result()
    .catch((error) => error);
  expect(failed as PythonException).toMatchObject({ name: "KeyError", message: "'k'" });
  const slow = client.submit(python("time:sleep"), [60]);
  await client.cancel([slow]);
  await expect(slow.result()).rejects.toMatchObject({ code: "CANCELLED" });
});

it("says what cannot be sent", async (context) => {
  const client = await connected(context);
  const future = client.submit((x: number) => x + 1, [1]);
  await expect(future.result()).rejects.toMatchObject({
    code: "BAD_ARGUMENT",
    message: expect.stringContaining("scheduler of dask's own"),
  });
});
