// Going on with runs on a real cluster, as a user does: the same map again, or only the folder.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ParallelMap, range } from "@acme/client";
import { expect, test } from "vitest";
import { mapSite, temporaryFolder } from "./fixtures/map-site.js";

const site = mapSite();

const { here } = site;

test("a resumed run computes what failed, from the folder alone", async () => {
  const folder = temporaryFolder();
  const outputDir = join(folder, "out");
  const flag = join(folder, "now-it-works");
  const { existsSync, appendFileSync } = await import("node:fs");
  const picky = (i: number, flag: string) => {
    appendFileSync(`${flag}.calls`, `${i}\n`);
    if (i % 4 === 1 && !existsSync(flag)) throw new RangeError(`no ${i} yet`);
    return Float64Array.of(i, -i);
  };
  const pmap = new ParallelMap(picky, range(12), flag);
  const rules = { outputDir, resultShape: [null, 2] };
  const failure = await pmap.compute({ ...here(), ...rules }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "MAP_FAILED", failedIndexes: [1, 5, 9] });
  const told = JSON.parse(readFileSync(join(outputDir, ".acme/errors/picky_5.json"), "utf8"));
  expect(told).toMatchObject({ index: 5, name: "RangeError", message: "no 5 yet" });
  writeFileSync(flag, "");
  writeFileSync(`${flag}.calls`, "");
  const paths = await ParallelMap.resume(outputDir, here());
  expect(paths).toHaveLength(12);
  const again = readFileSync(`${flag}.calls`, "utf8").trim().split("\n").map(Number);
  expect(again.sort((a, b) => a - b)).toEqual([1, 5, 9]);
  const open = await ParallelMap.open(outputDir);
  expect(open.nInputs).toBe(12);
  const run = open.run(here());
  const calls: number[] = [];
  for await (const { index } of run) calls.push(index);
  expect(calls).toEqual(range(12));
});

test("of two programs with one folder the second is refused", async () => {
  const outputDir = join(temporaryFolder(), "out");
  const slow = async (i: number) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return i;
  };
  const pmap = new ParallelMap(slow, range(20));
  const first = pmap.run({ ...here(), outputDir });
  await first.next();
  await expect(pmap.compute({ ...here(), outputDir })).rejects.toMatchObject({
    code: "RUN_IN_USE",
    pid: process.pid,
  });
  await first.return();
  expect(await pmap.compute({ ...here(), outputDir })).toHaveLength(20);
});
