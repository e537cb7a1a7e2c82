// Goal: the name of a cluster belongs to one scheduler that runs, and to the next one when that is
// gone, however it went.
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { listen } from "@acme/comm";
import { expect, it, onTestFinished } from "vitest";
import { makeCertificates, validityFrom } from "./certificates.js";
import { claimClusterDirectory } from "./claim-name.js";
import { type ClusterDirectory, createClusterDirectory } from "./cluster-directory.js";
import { removeContactFile, writeContactFile } from "./contact-file.js";
import { findClusterByAddress, listClusters } from "./find-cluster.js";
import { useOwnHome } from "./fixtures/own-home.js";

const dayMs = 24 * 3_600_000;

/** A listener with the credentials of a cluster, announced in its directory. */
async function announce(directory: ClusterDirectory) {
  const { security, files, folder } = directory;
  const listener = await listen("tls://127.0.0.1:0", { security, onConnection: () => {} });
  onTestFinished(() => listener.close());
  const { address, addresses } = listener;
  const source = { id: `S-${address}`, address, addresses, httpPort: 8787, version: "1", folder };
  writeContactFile(files.contact, source, { exclusive: true });
  return { listener, source };
}

it("makes what is missing and gives it again when nobody has it", async () => {
  useOwnHome();
  const first = await claimClusterDirectory("one");
  const second = await claimClusterDirectory("one");
  expect(second).toMatchObject({ security: first.security, token: first.token });
  expect(listClusters()).toEqual(["one"]);
});

it("refuses a name that a running scheduler has, and takes it over from one that is gone", async () => {
  useOwnHome();
  const directory = await claimClusterDirectory("one");
  const { listener } = await announce(directory);
  await expect(claimClusterDirectory("one")).rejects.toThrow(
    /has a scheduler already, at tls:.*--name/,
  );
  await listener.close();
  const again = await claimClusterDirectory("one");
  expect(again.contact()).toBeNull();
  expect(again.security).toEqual(directory.security);
});

it("is not fooled by another program at the same port", async () => {
  useOwnHome();
  const directory = await claimClusterDirectory("one");
  const other = await announce(createClusterDirectory("two"));
  writeContactFile(directory.files.contact, { ...other.source, id: "S-dead" });
  expect((await claimClusterDirectory("one")).contact()).toBeNull();
});

it("cannot see a scheduler that listens on the loopback of another machine", async () => {
  useOwnHome();
  const { files } = await claimClusterDirectory("one");
  const address = "tls://127.0.0.1:1";
  const source = { id: "S", address, addresses: [address], httpPort: null, version: "1" };
  writeContactFile(files.contact, { ...source, host: "elsewhere" });
  await expect(claimClusterDirectory("one")).rejects.toThrow(/on elsewhere.*rm .*scheduler\.json/);
});

it("does not trust what a job announced before it was started again", async () => {
  useOwnHome();
  const { files } = await claimClusterDirectory("one");
  const address = "tls://127.0.0.1:8786";
  const source = { id: "S", address, addresses: [address], httpPort: null, version: "1" };
  const announced = { ...source, host: "elsewhere", jobId: "12_0", restarts: 1 };
  writeContactFile(files.contact, announced);
  for (const job of [
    { id: "12_0", restarts: 1 },
    { id: "13_0", restarts: 2 },
  ]) {
    await expect(claimClusterDirectory("one", { job })).rejects.toThrow(/on elsewhere/);
  }
  const job = { id: "12_0", restarts: 2 };
  expect((await claimClusterDirectory("one", { job })).contact()).toBeNull();
});

it("makes new certificates in time and keeps the token", async () => {
  useOwnHome();
  const nowMs = Date.now();
  const validity = { ...validityFrom(nowMs), untilMs: nowMs + 6 * dayMs };
  const old = createClusterDirectory("one", { validity });
  const fresh = await claimClusterDirectory("one");
  expect(fresh.token).toBe(old.token);
  expect(fresh.security.key).not.toBe(old.security.key);
  expect(Date.parse(new X509Certificate(fresh.security.cert).validTo)).toBeGreaterThan(
    nowMs + 300 * dayMs,
  );
  expect(listClusters()).toEqual(["one"]);
});

it("tells who runs, finds the cluster of an address, and forgets it", async () => {
  useOwnHome();
  const directory = await claimClusterDirectory("one");
  const { source } = await announce(directory);
  expect(directory.contact()).toMatchObject({
    address: source.address,
    pid: process.pid,
    httpPort: 8787,
    folder: directory.folder,
  });
  expect(readFileSync(directory.files.contact, "utf8")).not.toContain(directory.token);
  expect(findClusterByAddress(source.address)?.name).toBe("one");
  expect(findClusterByAddress(source.address.replace("127.0.0.1", "localhost"))?.name).toBe("one");
  expect(findClusterByAddress("tls://127.0.0.1:1")).toBeUndefined();
  removeContactFile(directory.files.contact, { id: "another" });
  expect(existsSync(directory.files.contact)).toBe(true);
  removeContactFile(directory.files.contact, source);
  expect(findClusterByAddress(source.address)).toBeUndefined();
});

it("lets only one of two schedulers announce itself", async () => {
  useOwnHome();
  const directory = await claimClusterDirectory("one");
  await announce(directory);
  await expect(announce(directory)).rejects.toThrow(/another scheduler was faster/);
});

it("takes certificates that are given instead of its own, if they are good", async () => {
  useOwnHome();
  const own = await claimClusterDirectory("one");
  const nowMs = Date.now();
  const old = makeCertificates("old", { fromMs: nowMs - 2 * dayMs, untilMs: nowMs - dayMs });
  await expect(claimClusterDirectory("one", { certificates: old })).rejects.toThrow(
    /given with --tls-cert.*expired/,
  );
  expect((await claimClusterDirectory("one")).security).toEqual(own.security);
  const given = makeCertificates("mine");
  const claimed = await claimClusterDirectory("one", { certificates: given });
  expect(claimed).toMatchObject({ security: given, token: own.token });
});
