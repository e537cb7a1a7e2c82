// Node calls Python: functions by name, from files and from text, on unmodified Python workers that a
// local cluster starts beside ours.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Client,
  delayed,
  kwargs,
  LocalCluster,
  ParallelMap,
  PythonException,
  PythonObject,
  python,
  RemoteError,
} from "@acme/client";
import * as h5wasm from "h5wasm/node";
import { afterAll, expect, it } from "vitest";
import type { SkippableContext } from "../skip-with-reason.js";
import { pythonFor } from "./site.js";

const connectome = `
from __future__ import annotations
import dataclasses

import numpy

loads = [0]

@dataclasses.dataclass
class Report:
    subject: str
    total: float

def compute_connectome(subject, scale=1.0):
    return numpy.full((2, 2), float(len(subject)) * scale)

def report(subject):
    return Report(subject, 2.5)

def total(report):
    return report.total

class Rejected(Exception):
    pass

def reject(subject):
    raise Rejected(f"no data of {subject}")

async def later(x):
    return x + 1
`;

const folder = mkdtempSync(join(tmpdir(), "acme-call-"));
const file = join(folder, "connectome.py");
let cluster: LocalCluster | undefined;
let client: Client | undefined;

/** The client of a cluster that all tests share. */
async function connected(context: SkippableContext): Promise<Client> {
  if (client !== undefined) return client;
  writeFileSync(file, connectome);
  const executable = pythonFor(context);
  cluster = await LocalCluster.start({ nWorkers: 1, python: { workers: 2, executable } });
  client = await Client.connect(cluster);
  await client.waitForWorkers(3, { timeoutMs: 100_000 });
  return client;
}

afterAll(async () => {
  await client?.close();
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

it("calls what Python can import", async (context) => {
  const client = await connected(context);
  const norm = python<(a: Float64Array) => number>("numpy.linalg:norm");
  expect(await client.submit(norm, [Float64Array.of(3, 4)]).result()).toBe(5);
  expect(await client.submit(norm.with({ ord: 1 }), [Float64Array.of(3, 4)]).result()).toBe(7);
  const sorted = python("builtins:sorted");
  const lists = [
    [
      [1, 3, 2],
      [4, 5],
    ],
    [kwargs({ reverse: true }), kwargs({})],
  ];
  expect(await client.gather(client.map(sorted, lists))).toEqual([
    [3, 2, 1],
    [4, 5],
  ]);
});

it("calls functions of a file, whose text travels once", async (context) => {
  const client = await connected(context);
  const compute = python(`${file}:compute_connectome`);
  const subjects = Array.from({ length: 100 }, (_, i) => `s${i}`);
  const matrices = await client.gather(client.map(compute.with({ scale: 0.5 }), [subjects]));
  expect(matrices[0]).toEqual({
    data: new Float64Array(4).fill(1),
    shape: [2, 2],
    dtype: "float64",
  });
  expect(matrices[99]).toMatchObject({ data: new Float64Array(4).fill(1.5) });
  expect(await client.submit(python(`${file}:later`), [1]).result()).toBe(2);
  await expect(client.submit(compute, ["ab"]).result()).resolves.toMatchObject({ shape: [2, 2] });
});

it("passes on what has no form here", async (context) => {
  const client = await connected(context);
  const future = client.submit(python(`${file}:report`), ["x"]);
  const report = await future.result();
  expect(report).toBeInstanceOf(PythonObject);
  const total = python<(report: unknown) => number>(`${file}:total`);
  expect(await client.submit(total, [report]).result()).toBe(2.5);
  expect(await client.submit(total, [future]).result()).toBe(2.5);
});

it("takes futures of Python as arguments, at any depth", async (context) => {
  const client = await connected(context);
  const add = python<(values: number[]) => number>("builtins:sum");
  const one = client.submit(python<(text: string) => number>("builtins:int"), ["7"]);
  expect(await client.submit(add, [[one, 1, one] as never]).result()).toBe(15);
  const total = delayed(add)([
    delayed(python<(x: number) => number>("builtins:abs"))(-3),
    4,
  ] as never);
  expect(await client.compute(total).result()).toBe(7);
});

it("takes values of Node as arguments, and gives its own to Node", async (context) => {
  const client = await connected(context);
  const made = client.submit(() => new Float64Array([1, 2, 3]), []);
  const sum = client.submit(python<(a: Float64Array) => number>("numpy:sum"), [made]);
  const twice = client.submit((x: number) => x * 2, [sum]);
  expect(await twice.result()).toBe(12);
});

it("maps into the same files as functions of Node", async (context) => {
  const client = await connected(context);
  const compute = python<(subject: string, scale: number) => unknown>(`${file}:compute_connectome`);
  const outputDir = join(folder, "results");
  const map = new ParallelMap(compute, ["a", "bb", "ccc"], 2);
  const paths = await map.compute({ client, outputDir, progress: false });
  expect(paths).toEqual(
    [0, 1, 2].map((i) => join(outputDir, `compute_connectome_payload/compute_connectome_${i}.h5`)),
  );
  await h5wasm.ready;
  const stored = new h5wasm.File(paths[2] as string, "r");
  const { value, shape } = stored.get("result_0") as h5wasm.Dataset;
  stored.close();
  expect({ value, shape }).toEqual({ value: new Float64Array(4).fill(6), shape: [2, 2] });
  const values = await map.compute({ client, output: "memory", progress: false });
  expect(values[1]).toMatchObject({ data: new Float64Array(4).fill(4), shape: [2, 2] });
  const integer = python<(text: string) => number>("builtins:int");
  const some = await new ParallelMap(integer, ["1", "x", "3"]).compute({
    ...{ client, output: "memory", onError: "continue", progress: false },
  });
  expect(some).toEqual([1, undefined, 3]);
});

it("raises what Python raised", async (context) => {
  const client = await connected(context);
  const failed: PythonException = await client
    .submit(python(`${file}:reject`), ["me"])
    .result()
    .then(
      () => expect.unreachable(),
      (error) => error,
    );
  expect(failed).toBeInstanceOf(PythonException);
  expect(failed).toBeInstanceOf(RemoteError);
  expect(failed).toMatchObject({ name: "Rejected", message: "no data of me" });
  expect(failed.stack).toMatch(/File "connectome\.py", line \d+, in reject/);
  const missing = await client
    .submit(python("no.such.module:f"), [])
    .result()
    .catch((error) => error);
  expect(missing).toMatchObject({ name: "ModuleNotFoundError" });
  const text = python.source("def f(:", "f", "broken.py");
  await expect(client.submit(text, []).result()).rejects.toMatchObject({ name: "SyntaxError" });
  await expect(client.submit(python("builtins:abs"), [() => 1]).result()).rejects.toMatchObject({
    code: "PYTHON_VALUE",
  });
});
