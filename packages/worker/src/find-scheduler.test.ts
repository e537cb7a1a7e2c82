// A worker finds its scheduler by address or by contact file, which may come later.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findScheduler } from "./find-scheduler.js";

let folder: string;
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-find-"));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const find = (address?: string, schedulerFile?: string, signal = new AbortController().signal) =>
  findScheduler({
    address,
    schedulerFile,
    defaultProtocol: "tls",
    deathTimeoutMs: 1_000,
    signal,
    say: (line) => said.push(line),
  });

it("completes an address without a scheme", async () => {
  expect(await find("ws://a:1")).toBe("ws://a:1");
  expect(await find("a:1")).toBe("tls://a:1");
  await expect(find()).rejects.toThrow(/--scheduler-file/);
});

it("waits for a file that is absent or still empty", async () => {
  const file = join(folder, "scheduler.json");
  setTimeout(() => writeFileSync(file, ""), 50);
  setTimeout(() => writeFileSync(file, '{"address":"tcp://a:1"}'), 300);
  expect(await find(undefined, file)).toBe("tcp://a:1");
  expect(said).toEqual([`waiting for the contact file ${file}`]);
});

it("gives up after the death timeout, or when told to", async () => {
  const file = join(folder, "none.json");
  await expect(find(undefined, file)).rejects.toMatchObject({ code: "SCHEDULER_LOST" });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  await expect(find(undefined, file, stop.signal)).rejects.toMatchObject({ name: "AbortError" });
});

it.each([
  ["{", /is no JSON/],
  ["{}", /names no address/],
])("refuses a file with %s in it", async (text, why) => {
  const file = join(folder, "odd.json");
  writeFileSync(file, text);
  await expect(find(undefined, file)).rejects.toThrow(why);
});

it("refuses a folder in place of the file", async () => {
  await expect(find(undefined, folder)).rejects.toThrow(/^--scheduler-file: EISDIR/);
});
