// A worker finds its scheduler and the credentials for it, by name, address or contact file, which
// may come later.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterDirectory, makeCertificates, writeContactFile } from "@acme/credentials";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findScheduler, type SchedulerFlags } from "./find-scheduler.js";

let folder: string;
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-find-"));
  process.env.ACME_HOME = folder;
  said.length = 0;
});
afterEach(() => {
  delete process.env.ACME_HOME;
  rmSync(folder, { recursive: true, force: true });
});

const find = (flags: Partial<SchedulerFlags>) =>
  findScheduler({
    address: undefined,
    schedulerFile: undefined,
    cluster: undefined,
    security: undefined,
    protocol: undefined,
    deathTimeoutMs: 1_000,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
    ...flags,
  });

/** A cluster as its scheduler leaves it. */
function announce(name: string, address: string) {
  const directory = createClusterDirectory(name);
  const { folder, files } = directory;
  const source = { id: name, address, addresses: [address], httpPort: null, version: "1", folder };
  writeContactFile(files.contact, source);
  return { directory, source };
}

it("takes plaintext addresses and certificates of the command line as they are", async () => {
  const security = makeCertificates("mine");
  expect(await find({ address: "ws://a:1" })).toMatchObject({ address: "ws://a:1" });
  expect(await find({ address: "a:1", security })).toEqual({ address: "tls://a:1", security });
  expect(await find({ address: "a:1", security, protocol: "wss" })).toEqual({
    address: "wss://a:1",
    security,
  });
  await expect(async () => find({})).rejects.toThrow(/--cluster NAME/);
});

it("finds a cluster by name, folder, address and contact file, with its credentials", async () => {
  const { directory, source } = announce("one", "tls://127.0.0.1:9");
  const { security, files } = directory;
  const file = join(folder, "elsewhere.json");
  writeContactFile(file, source);
  for (const flags of [
    { cluster: "one" },
    { cluster: directory.folder },
    { address: "tls://127.0.0.1:9" },
    { address: "localhost:9" },
    { schedulerFile: file },
    { schedulerFile: files.contact },
    { cluster: "one", address: "127.0.0.1:9" },
  ]) {
    expect(await find(flags)).toMatchObject({ address: "tls://127.0.0.1:9", security });
  }
  const own = makeCertificates("mine");
  expect((await find({ schedulerFile: file, security: own })).security).toBe(own);
});

it.each([
  [{ cluster: "late" }, /There is no cluster directory/],
  [{ address: "tls://127.0.0.1:9" }, /There are no credentials for tls:\/\/127\.0\.0\.1:9/],
])("waits for a cluster that comes later: %j", async (flags, waiting) => {
  setTimeout(() => announce("late", "tls://127.0.0.1:9"), 300);
  expect((await find(flags)).address).toBe("tls://127.0.0.1:9");
  expect(said).toEqual([expect.stringMatching(waiting)]);
  await expect(find({ cluster: "never", deathTimeoutMs: 100 })).rejects.toMatchObject({
    code: "SCHEDULER_LOST",
  });
});

it("does not wait for credentials that are there and cannot be used", async () => {
  const { directory } = announce("one", "tls://127.0.0.1:9");
  chmodSync(directory.files.key, 0o644);
  for (const flags of [{ cluster: "one" }, { address: "tls://127.0.0.1:9" }]) {
    await expect(find(flags)).rejects.toThrow(`chmod 600 ${directory.files.key}`);
  }
});

it("waits for a file that is absent or still empty", async () => {
  const file = join(folder, "scheduler.json");
  setTimeout(() => writeFileSync(file, ""), 50);
  setTimeout(() => writeFileSync(file, '{"address":"tcp://a:1"}'), 300);
  expect(await find({ schedulerFile: file })).toMatchObject({ address: "tcp://a:1" });
  expect(said).toEqual([`waiting for a scheduler: No contact file at ${file}`]);
});

it("gives up after the death timeout, or when told to", async () => {
  const file = join(folder, "none.json");
  await expect(find({ schedulerFile: file })).rejects.toMatchObject({ code: "SCHEDULER_LOST" });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  await expect(find({ schedulerFile: file, signal: stop.signal })).rejects.toMatchObject({
    name: "AbortError",
  });
});

it.each([
  ["{", /is no JSON/],
  ["{}", /names no address/],
])("refuses a file with %s in it", async (text, why) => {
  const file = join(folder, "odd.json");
  writeFileSync(file, text);
  await expect(find({ schedulerFile: file })).rejects.toThrow(why);
});

it("refuses a folder in place of the file", async () => {
  await expect(find({ schedulerFile: folder })).rejects.toThrow(/^--scheduler-file: EISDIR/);
});
