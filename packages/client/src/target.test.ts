// Goal: whatever a user names, the client finds where to connect and with what.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterDirectory, makeCertificates, writeContactFile } from "@acme/credentials";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type ConnectTarget, findContact } from "./target.js";

const address = "tls://127.0.0.1:9";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-target-"));
  vi.stubEnv("ACME_HOME", folder);
  vi.stubEnv("DASK_CONFIG", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function announce() {
  const directory = createClusterDirectory("one");
  const source = { id: "S", address, addresses: [address], httpPort: null, version: "1" };
  writeContactFile(directory.files.contact, { ...source, folder: directory.folder });
  const elsewhere = join(folder, "scheduler.json");
  writeContactFile(elsewhere, { ...source, folder: directory.folder });
  return { directory, elsewhere };
}

it("finds a cluster by name, folder, address, contact file", async () => {
  const { directory, elsewhere } = announce();
  const { security } = directory;
  const targets: ConnectTarget[] = [
    "one",
    directory.folder,
    address,
    "localhost:9",
    { name: "one" },
    { schedulerFile: elsewhere },
    { schedulerFile: directory.files.contact },
  ];
  for (const target of targets) {
    expect(await findContact(target)).toMatchObject({ address, security });
  }
});

it("prefers certificates that it is given", async () => {
  const { elsewhere } = announce();
  const own = makeCertificates("mine");
  const cluster = { schedulerAddress: address, security: undefined, close: async () => {} };
  for (const target of [address, { schedulerFile: elsewhere }, cluster, "one"]) {
    expect((await findContact(target, own)).security).toBe(own);
  }
});

it("uses the files that dask's settings name", async () => {
  const own = makeCertificates("mine");
  for (const part of ["ca", "cert", "key"] as const) {
    const file = join(folder, `${part}.pem`);
    writeFileSync(file, own[part]);
    const setting = part === "ca" ? "CA_FILE" : `CLIENT__${part.toUpperCase()}`;
    vi.stubEnv(`DASK_DISTRIBUTED__COMM__TLS__${setting}`, file);
  }
  expect(await findContact("tls://10.1.2.3:8786")).toMatchObject({ security: own });
});

it.each<[ConnectTarget, RegExp]>([
  [address, /no credentials for tls:\/\/127\.0\.0\.1:9/],
  ["none", /There is no cluster directory/],
  [{ schedulerFile: "/none.json" }, /Is the scheduler running/],
  [{} as ConnectTarget, /nothing to connect to/],
])("says what is missing for %j", async (target, why) => {
  await expect(findContact(target)).rejects.toThrow(why);
});

it("needs nothing for plaintext", async () => {
  const found = await findContact("tcp://127.0.0.1:9");
  expect([found.address, found.security]).toEqual(["tcp://127.0.0.1:9", undefined]);
});
