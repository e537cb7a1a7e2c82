// Spilled values come back as they were, in memory that threads can share; a disk that cannot
// take them is an error that leaves nothing behind.
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pickled, Serialized } from "@acme/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SpillFiles } from "./spill-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "acme-spill-"));
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

const bytes = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * seed) % 251);

it("gives back header and frames, large ones in shared memory", async () => {
  const files = new SpillFiles(join(folder, "spill"));
  const value = Serialized.acme([bytes(10, 3), bytes(200_000, 7), bytes(0, 1)], { extra: 5 });
  const file = await files.write(value);
  const back = (await files.read(file)) as Serialized;
  expect(back).toBeInstanceOf(Serialized);
  expect(back.header.get("extra")).toBe(5);
  expect(back.frames.map((frame) => [...frame])).toEqual(value.frames.map((frame) => [...frame]));
  expect(back.frames[1]?.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(file.bytes).toBeGreaterThan(200_000);
});

it("keeps pickled payloads opaque", async () => {
  const files = new SpillFiles(folder);
  const back = await files.read(await files.write(Pickled.of(bytes(20, 3), [bytes(5, 9)])));
  expect(back).toBeInstanceOf(Pickled);
  expect([...(back as Pickled).pickle]).toEqual([...bytes(20, 3)]);
});

it("says which file could not be written, and leaves nothing behind", async () => {
  await writeFile(join(folder, "taken"), "a file where the folder should be");
  const files = new SpillFiles(join(folder, "taken"));
  const attempt = files.write(Serialized.acme([bytes(10, 3)]));
  await expect(attempt).rejects.toMatchObject({
    code: "SPILL_FAILED",
    message: expect.stringContaining("taken"),
  });
  expect(await readdir(folder)).toEqual(["taken"]);
});

it("refuses a file that was cut", async () => {
  const files = new SpillFiles(folder);
  const file = await files.write(Serialized.acme([bytes(1000, 3)]));
  await writeFile(file.path, bytes(100, 5));
  await expect(files.read(file)).rejects.toMatchObject({ code: "SPILL_FAILED" });
});

it("removes a value, and everything at the end", async () => {
  const files = new SpillFiles(join(folder, "all"));
  const first = await files.write(Serialized.acme([bytes(10, 3)]));
  await files.write(Serialized.acme([bytes(10, 3)]));
  await files.remove(first);
  expect(await readdir(join(folder, "all"))).toHaveLength(1);
  await files.removeAll();
  expect(await readdir(folder)).toEqual([]);
});
