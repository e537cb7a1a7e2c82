// What a killed worker leaves behind goes away with the next one; what lives stays.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimWorkFolder } from "./work-folder.js";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "acme-work-folder-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

it("removes the folders of dead processes of this machine, and nothing else", async () => {
  const mine = claimWorkFolder(base, "worker");
  const name = basename(mine);
  const dead = name.replace(/-\d+-/, `-${deadPid()}-`);
  const elsewhere = dead.replace(/worker-[0-9a-f]{8}/, "worker-00000000");
  for (const folder of [name, dead, elsewhere, "precious"]) {
    mkdirSync(join(base, folder));
    writeFileSync(join(base, folder, "1.value"), "x");
  }
  const other = claimWorkFolder(base, "cluster");
  expect(other).not.toBe(mine);
  expect(existsSync(other)).toBe(false);
  await expect.poll(() => existsSync(join(base, dead))).toBe(false);
  expect(readdirSync(base).toSorted()).toEqual([elsewhere, "precious", name].toSorted());
});

it("says which folder cannot be used, and what to do", () => {
  const file = join(base, "file");
  writeFileSync(file, "");
  const claim = () => claimWorkFolder(join(file, "below"), "worker");
  expect(claim).toThrow(/Cannot use the folder .*below.*--local-directory/);
});
