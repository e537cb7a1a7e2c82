// The same maps by ACME and by us leave files of the same names, structure, types and values. What
// differs on purpose is named here, and is nothing else.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, LocalCluster } from "@acme/client";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { skipWithReason } from "../skip-with-reason.js";
import { describe, type Files, type Golden, type Outcome, withoutOurs } from "./golden/h5-files.js";
import { maps, runGolden } from "./golden/maps.js";

const golden: Golden = JSON.parse(
  readFileSync(new URL("golden/golden.json", import.meta.url), "utf8"),
);
const folder = mkdtempSync(join(tmpdir(), "golden-"));
const folderOf = (name: string) => name.replaceAll(" ", "-");
const python = ["/usr/bin/python3", "python3"].find(
  (candidate) => spawnSync(candidate, ["-c", "import h5py, numpy"]).status === 0,
);
const outcomes = new Map<string, Outcome>();
let files: Readonly<Record<string, Files>> = {};

beforeAll(async () => {
  if (python === undefined) return;
  const cluster = await LocalCluster.start({ nWorkers: 2, logLevel: "silent" });
  const client = await Client.connect(cluster);
  try {
    for (const [name, map] of Object.entries(maps)) {
      outcomes.set(name, await runGolden(map, join(folder, folderOf(name)), client));
    }
  } finally {
    await client.close();
    await cluster.close();
  }
  files = describe(python, folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both sides of one map, without what only we write. */
function sides(context: TestContext, name: string) {
  if (python === undefined) skipWithReason(context, "h5py is not installed");
  const at = folderOf(name);
  return {
    ours: { outcome: outcomes.get(name), files: withoutOurs(files[at] ?? {}) },
    theirs: { outcome: golden.outcomes[name], files: golden.files[at] ?? {} },
  };
}

const theSame = ["scaled", "pair", "triple", "named", "labels", "arrays", "numeric", "mixed"];
const alsoTheSame = ["many", "matrix", "stacked", "points", "even"];
const inOneFile = ["single", "single scalars", "single stacked"];

test.for([...theSame, ...alsoTheSame, ...inOneFile])("%s: nothing differs", (name, context) => {
  const { ours, theirs } = sides(context, name);
  expect(ours).toEqual(theirs);
});

test("a dtype that was asked for is that of the files too, and not only of the container", (context) => {
  const { ours, theirs } = sides(context, "matrix first");
  expect(ours.outcome).toEqual(theirs.outcome);
  const container = "matrix.h5";
  expect(ours.files[container]).toEqual(theirs.files[container]);
  for (const path of ours.outcome?.paths ?? []) {
    const { type, ...rest } = ours.files[path]?.["/result_0"] ?? {};
    const { type: theirType, ...theirRest } = theirs.files[path]?.["/result_0"] ?? {};
    expect([type, theirType]).toEqual(["float32", "float64"]);
    expect(rest).toEqual(theirRest);
  }
});

test("where results differ in length, the rest is NaN instead of a believable 0", (context) => {
  const { ours, theirs } = sides(context, "growing");
  expect(ours.outcome).toEqual(theirs.outcome);
  const { values = [], ...rest } = ours.files["growing.h5"]?.["/result_0"] ?? {};
  const { values: theirValues, ...theirRest } = theirs.files["growing.h5"]?.["/result_0"] ?? {};
  expect(rest).toEqual(theirRest);
  expect(values.filter((value) => value === "NaN")).toHaveLength(3 * (6 + 4 + 2));
  expect(values.map((value) => (value === "NaN" ? 0 : value))).toEqual(theirValues);
});

test("one file of results of any length can be written, where ACME gives up", (context) => {
  const { ours, theirs } = sides(context, "single even");
  expect(theirs.outcome).toEqual({ error: "RuntimeError" });
  expect(ours.outcome).toEqual({ paths: ["even.h5"], container: "even.h5" });
  expect(Object.keys(ours.files)).toEqual(["even.h5"]);
  const { values, ...rest } = ours.files["even.h5"]?.["/result_0"] ?? {};
  expect(rest).toEqual({ kind: "dataset", type: "float64", shape: [4, 3, 4], limits: [4, 3, 4] });
  expect(values).toEqual([2, 4, 6, 8].flatMap((x) => new Array(12).fill(x)));
});

test("serialized: msgpack instead of pickle, in the same place", (context) => {
  const { ours, theirs } = sides(context, "serialized");
  const names = (extension: string) => [0, 1, 2, 3].map((i) => `scaled_${i}.${extension}`);
  expect(theirs.outcome).toEqual({ paths: names("pickle"), container: null });
  expect(ours.outcome).toEqual({ paths: names("msgpack"), container: null });
  expect(Object.keys(ours.files)).toEqual(names("msgpack"));
});

test.for([
  ["record", "an object"],
  ["nothing", "null"],
])("%s: %s is in a file beside the others, and the container stays", ([name = ""], context) => {
  const { ours, theirs } = sides(context, name);
  expect(Object.keys(theirs.files)).toEqual([0, 1, 2, 3].map((i) => `${name}_${i}.pickle`));
  const paths = [0, 1, 2, 3].map((i) => `${name}_payload/${name}_${i}.msgpack`);
  expect(ours.outcome).toEqual({ paths, container: `${name}.h5` });
  expect(Object.keys(ours.files)).toEqual([`${name}.h5`, ...paths]);
});
