// Where the log of a run is, by the rule of the option, and what its lines look like.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/temporary-folder.js";
import { LogFile, logPath } from "./log-file.js";

test("a log is beside results in files, and elsewhere only if it is asked for", async () => {
  const name = "f";
  const own = /ACME_f_\d{8}-\d{6}\.log$/;
  expect(await logPath({ logfile: undefined, folder: "/out", name })).toMatch(own);
  expect(await logPath({ logfile: true, folder: "/out", name })).toMatch(/^\/out\/ACME_f_/);
  expect(await logPath({ logfile: undefined, folder: undefined, name })).toBeUndefined();
  expect(await logPath({ logfile: false, folder: "/out", name })).toBeUndefined();
  const here = await logPath({ logfile: true, folder: undefined, name });
  expect(here).toMatch(own);
  expect(here?.startsWith(resolve("."))).toBe(true);
  const folder = temporaryFolder();
  const given = join(folder, "mine.log");
  expect(await logPath({ logfile: given, folder: "/out", name })).toBe(given);
  mkdirSync(join(folder, "sub"));
  const wrong = logPath({ logfile: join(folder, "sub"), folder: "/out", name });
  await expect(wrong).rejects.toThrow("is a folder");
});

test("lines are added in order to what is there; a log that cannot be written harms nobody", async () => {
  const path = join(temporaryFolder(), "run.log");
  writeFileSync(path, "before\n");
  const log = new LogFile(path);
  log.line("INFO", "4 calls of f");
  await log.settled();
  expect(readFileSync(path, "utf8")).toBe("before\n");
  log.begin();
  log.line("WARNING", "odd");
  await log.settled();
  log.line("ANNOUNCE", "done");
  await log.settled();
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => line.replace(/^\S+Z /, ""))).toEqual([
    "before",
    "INFO     4 calls of f",
    "WARNING  odd",
    "ANNOUNCE done",
  ]);
  const nowhere = new LogFile(join(path, "no", "such.log"));
  nowhere.begin();
  nowhere.line("ERROR", "lost");
  await nowhere.settled();
});
