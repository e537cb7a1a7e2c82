// Going on with a run, here in this process: what counts as done, what is refused, what is tidied.
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileOutput } from "../file-output.js";
import { temporaryFolder } from "../fixtures/temporary-folder.js";
import { zipInputs } from "../inputs.js";
import { range } from "../markers.js";
import { storeResult } from "../write-result.js";
import { recordPaths } from "./record-paths.js";
import { restoreRun } from "./restore-run.js";

type F = (x: number, y?: unknown) => unknown;

function double(x: number, _all?: unknown): unknown {
  return x === 3 ? { not: "hdf5" } : Float64Array.of(x, 2 * x);
}

async function begin(outputDir: string, fn: F = double, args: unknown[] = [[0, 1, 2, 3, 4]]) {
  const inputs = zipInputs(fn as never, args);
  const rules = { layout: null, dtype: null };
  const files = await FileOutput.begin({ fn, inputs, outputDir, attributes: {}, ...rules });
  const compute = async (...indexes: number[]) => {
    for (const i of indexes) {
      const written = await storeResult(files.job, i, fn(inputs.row(i)[0] as number));
      files.record(i, written);
      files.records.done(i, written, { worker: "w", durationMs: 1 });
    }
  };
  const end = async () => {
    await files.finish(inputs.count);
    await files.records.finish("done");
  };
  return { files, compute, end };
}

const missing = ({ records }: FileOutput) => range(5).filter((i) => !records.plan().done.has(i));

test("a second session does what the first left", async () => {
  const outputDir = temporaryFolder();
  const first = await begin(outputDir);
  expect(missing(first.files)).toEqual([0, 1, 2, 3, 4]);
  await first.compute(1, 3);
  await first.end();
  const second = await begin(outputDir);
  expect(missing(second.files)).toEqual([0, 2, 4]);
  expect(second.files.records.plan()).toMatchObject({ isNew: false, session: 1 });
  await second.compute(0, 2, 4);
  await second.end();
  const third = await begin(outputDir);
  expect(missing(third.files)).toEqual([]);
  expect(third.files.results.map((result) => result?.file)).toEqual(
    [0, 1, 2, 3, 4].map((i) => (i === 3 ? "double_3.msgpack" : `double_${i}.h5`)),
  );
  await third.end();
});

test("files count, not the journal", async () => {
  const outputDir = temporaryFolder();
  const { manifest } = recordPaths(outputDir);
  const first = await begin(outputDir);
  await first.compute(0, 1, 2, 3);
  await first.end();
  const payload = join(outputDir, "double_payload");
  truncateSync(join(payload, "double_0.h5"), 100);
  writeFileSync(join(payload, ".double_4.h5.host.1.0.tmp"), "half");
  const tops = [".double.h5.host.1.0.tmp", ".provenance.json.host.1.0.tmp", ".g.h5.host.1.0.tmp"];
  for (const name of tops) writeFileSync(join(outputDir, name), "half");
  const lines = readFileSync(manifest, "utf8").split("\n");
  // Nothing of 1 and 3, half a line of 2, and a result that is not there.
  const kept = lines.filter((line) => !/"i":[123],/.test(line));
  const torn = lines.find((line) => line.includes('"i":2,'))?.slice(0, 60);
  const lie = lines
    .find((line) => line.includes('"i":2,'))
    ?.replace(/_2|"i":2/g, (x) => x.replace("2", "4"));
  writeFileSync(manifest, [...kept, lie, torn].join("\n"));
  const second = await begin(outputDir);
  expect(missing(second.files)).toEqual([0, 4]);
  // The last is of another function, whose process may live.
  expect(readdirSync(outputDir).filter((name) => name.endsWith(".tmp"))).toEqual(tops.slice(2));
  expect(second.files.records.plan().done.get(2)).toMatchObject({ shapes: [[2]] });
  expect(readdirSync(payload).sort()).toEqual(["double_1.h5", "double_2.h5", "double_3.msgpack"]);
  await second.compute(0, 4);
  await second.end();
  const adopted = readFileSync(manifest, "utf8")
    .split("\n")
    .filter((line) => line.includes('"adopted":true'));
  expect(adopted).toHaveLength(3);
  const third = await begin(outputDir);
  expect(missing(third.files)).toEqual([]);
  await third.end();
});

test("other inputs are refused, and the first that differs is named", async () => {
  const outputDir = temporaryFolder();
  const first = await begin(outputDir, double, [[0, 1, 2, 3, 4], { a: 1 }]);
  await first.compute(0);
  await first.end();
  const other = (args: unknown[]) => begin(outputDir, double, args);
  await expect(other([[0, 1, 7, 3, 9], { a: 1 }])).rejects.toMatchObject({
    code: "INPUTS_CHANGED",
    index: 2,
    message: expect.stringContaining("call 2 has other arguments"),
  });
  await expect(other([[0, 1], { a: 1 }])).rejects.toThrow("5 calls then, 2 now");
  await expect(other([[0, 1, 2, 3, 4], { a: 2 }])).rejects.toThrow(
    "what all calls get has changed",
  );
  await (await other([[0, 1, 2, 3, 4], { a: 1 }])).end();
});

test("another function is refused unless it is accepted, and results say who made them", async () => {
  const outputDir = temporaryFolder();
  const named = (fn: F) => Object.defineProperty(fn, "name", { value: "f" });
  const first = await begin(
    outputDir,
    named((x) => x),
  );
  await first.compute(0);
  await first.end();
  const fixed = named((x) => x + 0);
  await expect(begin(outputDir, fixed)).rejects.toMatchObject({
    code: "CODE_CHANGED",
    message: expect.stringContaining("acceptNewCode: true"),
  });
  const inputs = zipInputs(fixed as never, [[0, 1, 2, 3, 4]]);
  const rules = { layout: null, dtype: null, attributes: {}, resume: { acceptNewCode: true } };
  const second = await FileOutput.begin({ fn: fixed, inputs, outputDir, ...rules });
  expect(missing(second)).toEqual([1, 2, 3, 4]);
  const hashes = [second.records.plan().done.get(0)?.codeHash, second.records.origin.codeHash];
  expect(new Set(hashes).size).toBe(2);
  await second.records.finish("cancelled");
  const third = await begin(outputDir, fixed);
  expect(third.files.records.plan().done.get(0)?.codeHash).toBe(hashes[0]);
  await third.end();
});

test("a run whose owner lives is refused; one whose owner is dead is taken over", async () => {
  const outputDir = temporaryFolder();
  const first = await begin(outputDir);
  await expect(begin(outputDir)).rejects.toMatchObject({ code: "RUN_IN_USE", pid: process.pid });
  const path = join(outputDir, ".acme", "owner-1.json");
  const token = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  // A process that was given the id of one that is dead, and one of another host, silent for long.
  writeFileSync(path, JSON.stringify({ ...token, birth: `${token.birth}1` }));
  const second = await begin(outputDir);
  await first.files.records.finish("done");
  expect(first.files.records.lost.reason).toMatchObject({
    code: "RUN_FOLDER_LOST",
    message: expect.stringContaining("another process has taken the run over"),
  });
  await second.end();
});

test("two who find a dead owner at the same moment do not both take over", async () => {
  const outputDir = temporaryFolder();
  await (await begin(outputDir)).end();
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => begin(outputDir)));
  const won = tries.filter(({ status }) => status === "fulfilled");
  expect(won).toHaveLength(1);
  for (const one of tries) {
    if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "RUN_IN_USE" });
    else await one.value.end();
  }
});

test("functions that share a folder have records of their own", async () => {
  const outputDir = temporaryFolder();
  const triple = (x: number) => 3 * x;
  const first = await begin(outputDir);
  const second = await begin(outputDir, triple);
  await first.compute(0);
  await second.compute(0, 1);
  await first.end();
  await second.end();
  expect(missing((await begin(outputDir)).files)).toEqual([1, 2, 3, 4]);
  expect(missing((await begin(outputDir, triple)).files)).toEqual([2, 3, 4]);
  await expect(restoreRun(outputDir, {})).rejects.toThrow("holds runs of double, triple");
  expect((await restoreRun(outputDir, { name: "triple" })).fn(2 as never)).toBe(6);
});

test("function and inputs come back from the folder", async () => {
  const outputDir = temporaryFolder();
  const first = await begin(outputDir, double, [[0, 1, 2, 3, 4], new Map([["a", 1n]])]);
  await first.compute(2);
  await first.end();
  const { fn, inputs, options } = await restoreRun(outputDir, {});
  expect(fn(4 as never)).toEqual(Float64Array.of(4, 8));
  expect(inputs.row(3)).toEqual([3]);
  expect(inputs.shared).toEqual([new Map([["a", 1n]])]);
  const rules = { layout: null, dtype: null, attributes: {} };
  const files = await FileOutput.begin({ fn, inputs, ...rules, outputDir: options.outputDir });
  expect(missing(files)).toEqual([0, 1, 3, 4]);
  await files.records.finish("done");
});

test("without flushing, what the journal does not vouch for is computed again", async () => {
  const outputDir = temporaryFolder();
  const inputs = zipInputs(double as never, [[0, 1, 2]]);
  const rules = { layout: null, dtype: null, attributes: {}, fsync: false };
  const files = await FileOutput.begin({ fn: double, inputs, outputDir, ...rules });
  for (const i of [0, 1, 2]) {
    const written = await storeResult(files.job, i, double(i));
    if (i < 2) files.records.done(i, written);
  }
  await files.records.finish("cancelled");
  const damaged = join(outputDir, "double_payload", "double_1.h5");
  const bytes = readFileSync(damaged);
  bytes.fill(0, 48, 64);
  writeFileSync(damaged, bytes);
  const again = await FileOutput.begin({ fn: double, inputs, outputDir, ...rules });
  expect(missing(again)).toEqual([1, 2, 3, 4]);
  await again.records.finish("cancelled");
});

test("who made the results is written beside them, session after session", async () => {
  const outputDir = temporaryFolder();
  const first = await begin(outputDir);
  await first.files.records.began({ scheduler: "tls://here:1", origin: "a test" });
  await first.compute(0);
  first.files.records.failed(1, { error: new RangeError("too far"), host: "node7" });
  await first.end();
  const second = await begin(outputDir);
  await second.files.records.began({ scheduler: "tls://here:2" });
  await second.compute(1);
  await second.end();
  const told = JSON.parse(readFileSync(join(outputDir, "provenance.json"), "utf8"));
  expect(told).toMatchObject({
    function: "double",
    count: 5,
    seed: first.files.records.origin.seed,
    inputs: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    sessions: [
      {
        session: 1,
        scheduler: "tls://here:1",
        found: 0,
        calls: { computed: 1, failed: 1, hosts: ["node7"] },
      },
      { session: 2, scheduler: "tls://here:2", found: 1, calls: { computed: 1, failed: 0 } },
    ],
  });
  expect(readdirSync(join(outputDir, ".acme", "errors"))).toEqual([]);
});

test("a journal that somebody else appended to is read as far as it makes sense", async () => {
  const outputDir = temporaryFolder();
  const first = await begin(outputDir);
  await first.compute(0, 1);
  await first.end();
  const { manifest } = recordPaths(outputDir);
  appendFileSync(
    manifest,
    'null\n{"state":"done","i":"x"}\n{"state":"done","i":1,"file":3}\n[]\n{"sta',
  );
  const second = await begin(outputDir);
  expect(missing(second.files)).toEqual([2, 3, 4]);
  await second.end();
});
