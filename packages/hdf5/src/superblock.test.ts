// Telling whole files from cut and foreign ones.
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runH5py } from "./fixtures/oracles.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { dataset, file, isCompleteFile, writeFile } from "./index.js";

async function written(gzip = 0): Promise<{ path: string; bytes: number }> {
  const path = join(temporaryFolder(), "f_0.h5");
  const tree = file({ members: { x: dataset([1, 2, 3], { gzip }) } });
  return await writeFile(path, tree);
}

test.each([0, 4])("a whole file is complete (gzip %d)", async (gzip) => {
  expect(await isCompleteFile((await written(gzip)).path)).toBe(true);
});

test("every truncation is found", async () => {
  const { path, bytes } = await written();
  for (let size = bytes - 1; size >= 0; size--) {
    truncateSync(path, size);
    expect(await isCompleteFile(path), `${size} of ${bytes} bytes`).toBe(false);
  }
});

test("trailing bytes, a damaged superblock, other files and no file are not complete", async () => {
  const { path } = await written();
  const whole = readFileSync(path);
  appendFileSync(path, "x");
  expect(await isCompleteFile(path)).toBe(false);
  for (let at = 0; at < 48; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 0x10;
    writeFileSync(path, damaged);
    expect(await isCompleteFile(path), `byte ${at}`).toBe(false);
  }
  writeFileSync(path, "not HDF5 ".repeat(20));
  expect(await isCompleteFile(path)).toBe(false);
  expect(await isCompleteFile(`${path}.absent`)).toBe(false);
});

test("a folder is an error, not an incomplete file", async () => {
  await expect(isCompleteFile(temporaryFolder())).rejects.toMatchObject({ code: "read-failed" });
});

test("files of h5py, old and new format, are complete", async (context) => {
  const folder = temporaryFolder();
  const code = `
for libver in ("earliest", "latest"):
    with h5py.File(${JSON.stringify(folder)} + "/" + libver + ".h5", "w", libver=libver) as f:
        f["x"] = numpy.arange(5)
result = 0`;
  runH5py(context, code);
  for (const libver of ["earliest", "latest"]) {
    const path = join(folder, `${libver}.h5`);
    expect(await isCompleteFile(path)).toBe(true);
    truncateSync(path, readFileSync(path).length - 1);
    expect(await isCompleteFile(path)).toBe(false);
  }
});
