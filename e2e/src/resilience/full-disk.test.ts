// Publication of results on a disk that is full. It stands here because it needs a disk of its
// own, which not every machine lets a test have.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataset, file, publishFile } from "@acme/hdf5";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";

test("a full disk is an error with code and leaves nothing behind", async (context) => {
  const folder = await smallDisk(context);
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

/** A folder that holds 1 MiB. */
async function smallDisk(context: SkippableContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "acme-small-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  try {
    await execa("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  } catch (error) {
    skipWithReason(context, "mounting a small disk needs root", error);
  }
  onTestFinished(async () => void (await execa("umount", [folder])));
  return folder;
}
