// Publication: whole or not at all, under races and kill -9.
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { backgroundCalls } from "./file-calls.js";
import { Publisher } from "./fixtures/publisher.js";
import { random } from "./fixtures/random-tree.js";
import { readWithH5wasm } from "./fixtures/read-with-h5wasm.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { dataset, file, isCompleteFile, isTemporaryName, publishFile, writeFile } from "./index.js";

const { link: linked } = backgroundCalls;
/** File systems that refuse hard links are rare on test machines; their answers are not. */
const linkBy = (link: typeof linked) => {
  backgroundCalls.link = link;
};
afterEach(() => linkBy(linked));

const tree = (value: number) => file({ members: { result_0: dataset([value]) } });
const failing = (code: string) => Object.assign(new Error(code), { code });

test("a published file is whole, alone in its folder, and described exactly", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f_0.h5");
  const result = await publishFile(path, tree(1), { attempt: 3 });
  const content = readFileSync(path);
  expect(result).toEqual({ path, published: true, bytes: content.length, crc32: crc32(content) });
  expect(readdirSync(folder)).toEqual(["f_0.h5"]);
  expect(await isCompleteFile(path)).toBe(true);
});

test("the first file of a name stays, and is the one described", async () => {
  const path = join(temporaryFolder(), "f_0.h5");
  const first = await publishFile(path, tree(1));
  const second = await publishFile(path, file({ members: { other: dataset("x") } }));
  expect(second).toEqual({ ...first, published: false });
  expect(Object.keys(await readWithH5wasm(path))).toEqual(["/", "/result_0"]);
});

test("replace: the last one stays", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f.h5");
  await publishFile(path, tree(1));
  const second = await writeFile(path, tree(2));
  expect(second).toMatchObject({ published: true, crc32: crc32(readFileSync(path)) });
  expect(readdirSync(folder)).toEqual(["f.h5"]);
});

test("eight publishers at once, same attempt: one wins, all describe it", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f_0.h5");
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, i) => publishFile(path, tree(i))),
  );
  expect(results.filter(({ published }) => published)).toHaveLength(1);
  expect(new Set(results.map((result) => result.crc32))).toEqual(
    new Set([crc32(readFileSync(path))]),
  );
  expect(readdirSync(folder)).toEqual(["f_0.h5"]);
});

test("two processes race for 150 names", { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const racers = [0, 1].map(() => new Publisher({ folder, count: 150, values: 1000 }));
  await Promise.all(racers.map(({ ready }) => ready));
  for (const racer of racers) racer.start();
  await Promise.all(racers.map(({ exited }) => exited));
  const [a, b] = racers.map(({ results }) => results);
  for (let i = 0; i < 150; i++) {
    expect(Number(a![i]!.published) + Number(b![i]!.published)).toBe(1);
    expect({ ...a![i], published: 0 }).toEqual({ ...b![i], published: 0 });
    expect(crc32(readFileSync(join(folder, `f_${i}.h5`)))).toBe(a![i]!.crc32);
  }
  expect(readdirSync(folder)).toHaveLength(150);
});

test("kill -9: no final file is unreadable", { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const wait = random(9);
  let published = 0;
  for (let round = 0; round < 10; round++) {
    const here = join(folder, `${round}`);
    mkdirSync(here);
    const publisher = new Publisher({ folder: here, count: 1e6, values: 250_000 });
    await publisher.ready;
    publisher.start();
    await publisher.published(1);
    await new Promise((resolve) => setTimeout(resolve, wait() * 60));
    publisher.kill();
    await publisher.exited;
    const names = readdirSync(here);
    const finals = names.filter((name) => !isTemporaryName(name));
    for (const name of finals) {
      expect(name).toMatch(/^f_\d+\.h5$/);
      expect(await isCompleteFile(join(here, name))).toBe(true);
      const found = await readWithH5wasm(join(here, name));
      expect(found["/result_0"]?.array?.shape).toEqual([250_000]);
    }
    for (const { path, crc32: sum } of publisher.results) {
      expect(crc32(readFileSync(path))).toBe(sum);
    }
    published += finals.length;
  }
  expect(published).toBeGreaterThanOrEqual(10);
});

test.each(["../x", "1.5", ""])("attempt %o is refused", async (attempt) => {
  const path = join(temporaryFolder(), "f_0.h5");
  await expect(publishFile(path, tree(1), { attempt })).rejects.toMatchObject({
    code: "invalid-option",
  });
});

test("a missing folder is an error with the reason", async () => {
  const path = join(temporaryFolder(), "absent", "f_0.h5");
  await expect(publishFile(path, tree(1))).rejects.toMatchObject({
    code: "write-failed",
    fields: { systemCode: "ENOENT" },
  });
});

test.each(["EPERM", "ENOTSUP"])("without hard links (%s) files are renamed", async (code) => {
  const folder = temporaryFolder();
  const path = join(folder, "f_0.h5");
  linkBy(() => Promise.reject(failing(code)));
  const first = await publishFile(path, tree(1));
  expect(first.published).toBe(true);
  expect(await publishFile(path, tree(2))).toEqual({ ...first, published: false });
  expect(readdirSync(folder)).toEqual(["f_0.h5"]);
});

test("a link that is made and then reported as failed counts as made", async () => {
  linkBy(async (from, to) => {
    await linked(from, to);
    throw failing("EEXIST");
  });
  const path = join(temporaryFolder(), "f_0.h5");
  expect((await publishFile(path, tree(1))).published).toBe(true);
  expect(statSync(path).nlink).toBe(1);
});

test("any other failure to link leaves nothing behind", async () => {
  const folder = temporaryFolder();
  linkBy(() => Promise.reject(failing("EIO")));
  await expect(publishFile(join(folder, "f_0.h5"), tree(1))).rejects.toMatchObject({
    code: "write-failed",
    fields: { systemCode: "EIO" },
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("a stale temporary file of the same name is passed by, not touched", async () => {
  const folder = temporaryFolder();
  const stale = `.f_0.h5.${hostname()}.${process.pid}.7.tmp`;
  writeFileSync(join(folder, stale), "stale");
  chmodSync(join(folder, stale), 0o400);
  await publishFile(join(folder, "f_0.h5"), tree(1), { attempt: 7 });
  expect(readdirSync(folder).sort()).toEqual([stale, "f_0.h5"]);
  expect(isTemporaryName(stale)).toBe(true);
  expect(isTemporaryName("f_0.h5")).toBe(false);
});
