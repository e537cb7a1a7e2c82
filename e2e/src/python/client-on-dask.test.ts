// Our client on dask's own scheduler with dask's own workers: functions of Python and data both ways,
// errors, cancels, and clear words where that scheduler cannot help.
import { Client, importFunction, kwargs, type PythonException, python } from "@acme/client";
import { afterAll, expect, it } from "vitest";
import type { SkippableContext } from "../skip-with-reason.js";
import { daskSite } from "./dask-site.js";
import { pythonFor } from "./site.js";

const tasks = new URL("fixtures/tasks.mjs", import.meta.url);
const timeout = 300_000;
let site: Awaited<ReturnType<typeof daskSite>> | undefined;
let client: Client | undefined;

async function connected(context: SkippableContext): Promise<Client> {
  if (client !== undefined) return client;
  site = await daskSite({ python: pythonFor(context), insecure: true });
  await site.startPythonWorkers(2, ["--resources", "LANG-py=1"]);
  client = await Client.connect(site.address);
  return client;
}

afterAll(async () => {
  await client?.close();
  await site?.[Symbol.asyncDispose]();
});

it("submits, maps and gathers", { timeout }, async (context) => {
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

it("scatters", { timeout }, async (context) => {
  const client = await connected(context);
  const big = await client.scatter(new Float64Array(100_000).fill(0.5));
  const sum = python<(a: Float64Array) => number>("numpy:sum");
  expect(await client.submit(sum, [big]).result()).toBe(50_000);
  expect(await big.result()).toEqual(new Float64Array(100_000).fill(0.5));
});

it("raises, and cancels", { timeout }, async (context) => {
  const client = await connected(context);
  const source = "def fail(x):\n    raise KeyError(x)";
  const failed = await client
    .submit(python.source(source, "fail"), ["k"])
    .result()
    .catch((error) => error);
  expect(failed as PythonException).toMatchObject({ name: "KeyError", message: "'k'" });
  // Its worker sleeps on, and that scheduler gives it the next task all the same.
  const slow = client.submit(python("time:sleep"), [2]);
  await client.cancel([slow]);
  await expect(slow.result()).rejects.toMatchObject({ code: "CANCELLED" });
});

it("says what cannot be sent", { timeout }, async (context) => {
  const client = await connected(context);
  const future = client.submit((x: number) => x + 1, [1]);
  await expect(future.result()).rejects.toMatchObject({
    code: "BAD_ARGUMENT",
    message: expect.stringContaining("scheduler of dask's own"),
  });
});

it("calls functions of Node by name, and passes values between the languages", {
  timeout,
}, async (context) => {
  const client = await connected(context);
  await site?.startNodeWorkers(1);
  const square = importFunction(tasks, "square");
  const ramp = python<(n: number) => Float64Array>("numpy:arange");
  const onPython = { resources: { "LANG-py": 1 } };
  expect(await client.submit(square, [7]).result()).toBe(49);
  const four = client.submit(square, [2]);
  const made = client.submit(ramp, [four as never], onPython);
  expect(await made.result()).toEqual(BigInt64Array.of(0n, 1n, 2n, 3n));
});
