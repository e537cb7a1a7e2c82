// Files that get their names together: each is whole or has none, and one that fails harms no other.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { dataset, file } from "./index.js";
import { PublishBatch } from "./publish-batch.js";
import type { PublishedFile } from "./publish-file.js";
import { isCompleteFile } from "./superblock.js";
import { isTemporaryName } from "./temporary-file.js";

const tree = (value: number) => file({ members: { result_0: dataset([value]) } });

const statusOf = (outcomes: readonly PromiseSettledResult<PublishedFile>[]) =>
  outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.published : "failed"));

test.each([{ syncs: true }, { syncs: false }, { syncsFolders: false }])(
  "names are there once all are published, not before: %j",
  async (options) => {
    const folder = temporaryFolder();
    const paths = [0, 1, 2].map((i) => join(folder, `f_${i}.h5`));
    const batch = new PublishBatch({ attempt: 2, ...options });
    for (const [i, path] of paths.entries()) await batch.add(path, tree(i));
    expect(readdirSync(folder).every(isTemporaryName)).toBe(true);
    expect([batch.size, batch.bytes > 0]).toEqual([3, true]);
    const outcomes = await batch.publish();
    expect(outcomes).toEqual(
      paths.map((path) => {
        const content = readFileSync(path);
        const value = { path, published: true, bytes: content.length, crc32: crc32(content) };
        return { status: "fulfilled", value };
      }),
    );
    for (const path of paths) expect(await isCompleteFile(path)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(3);
    expect([batch.size, batch.bytes, await batch.publish()]).toEqual([0, 0, []]);
  },
);

test("a file that is there already stays, and is the one described", async () => {
  const folder = temporaryFolder();
  const paths = [0, 1].map((i) => join(folder, `f_${i}.h5`));
  writeFileSync(paths[0] as string, "theirs");
  const batch = new PublishBatch();
  for (const path of paths) await batch.add(path, tree(1));
  const outcomes = await batch.publish();
  expect(statusOf(outcomes)).toEqual([false, true]);
  expect(outcomes[0]).toMatchObject({ value: { bytes: 6, crc32: crc32(Buffer.from("theirs")) } });
  expect(readdirSync(folder)).toEqual(["f_0.h5", "f_1.h5"]);
});

test("one that cannot be written, or named, harms no other", async () => {
  const folder = temporaryFolder();
  const batch = new PublishBatch();
  await batch.add(join(folder, "f_0.h5"), tree(0));
  await expect(batch.add(join(folder, "absent", "f_1.h5"), tree(1))).rejects.toMatchObject({
    code: "write-failed",
  });
  await batch.add(join(folder, "f_2.h5"), tree(2));
  await batch.addBytes(join(folder, "f_3.msgpack"), [Buffer.from("three")]);
  // A folder of that name cannot be described as a file.
  mkdirSync(join(folder, "f_2.h5"));
  expect(statusOf(await batch.publish())).toEqual([true, "failed", true]);
  expect(readdirSync(folder)).toEqual(["f_0.h5", "f_2.h5", "f_3.msgpack"]);
});
