// Publication of results on a disk that is full. It stands here because it needs a disk of its
// own, which not every machine lets a test have.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dataset, file, publishFile } from "@acme/hdf5";
import { expect, test } from "vitest";
import { SmallDisk } from "./small-disk.js";

test("a full disk is an error with code and leaves nothing behind", async (context) => {
  await using disk = await SmallDisk.make(context, "1m");
  const folder = disk.path;
  const path = join(folder, "f_0.h5");
  const large = file({ members: { x: dataset(new Float64Array(1_000_000).fill(1)) } });
  await expect(publishFile(path, large)).rejects.toMatchObject({
    name: "Hdf5Error",
    code: "disk-full",
    fields: { path, systemCode: "ENOSPC", bytes: expect.any(Number) },
  });
  expect(readdirSync(folder)).toEqual([]);
  const small = file({ members: { x: dataset([1]) } });
  expect((await publishFile(path, small)).published).toBe(true);
});
