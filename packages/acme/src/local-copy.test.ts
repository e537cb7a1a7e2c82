// A copy looks like a cluster, never takes the place of one, and what a killed tunnel left goes.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterDirectory, makeCertificates, openClusterDirectory } from "@acme/credentials";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clearName, makeLocalCopy, removeLocalCopy } from "./local-copy.js";
import type { RemoteCluster } from "./remote-cluster.js";

const ends = { address: "tls://127.0.0.1:4000", httpPort: 4001 };
let home: string;
let before: string | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "acme-copy-"));
  before = process.env.ACME_HOME;
  process.env.ACME_HOME = home;
});
afterEach(() => {
  if (before === undefined) delete process.env.ACME_HOME;
  else process.env.ACME_HOME = before;
  rmSync(home, { recursive: true });
});

function remote(): RemoteCluster {
  const nowMs = Date.now();
  const validity = { fromMs: nowMs - 1000, untilMs: nowMs + 1_000_000 };
  const certificates = makeCertificates("far", validity);
  const contact = { id: "Scheduler-1" } as RemoteCluster["contact"];
  return { certificates, token: "a-token-from-far-away", contact, host: "login" };
}

it("is found by its name, for its owner alone, and goes", () => {
  clearName("far");
  const copy = makeLocalCopy("far", remote(), ends);
  const found = openClusterDirectory("far");
  expect(found.token).toBe("a-token-from-far-away");
  expect(found.contact()).toMatchObject({ ...ends, host: hostname(), pid: process.pid });
  expect(statSync(copy.folder).mode & 0o777).toBe(0o700);
  expect(() => clearName("far")).toThrow(/--as OTHER/);
  removeLocalCopy(copy);
  expect(existsSync(copy.folder)).toBe(false);
});

it("removes what a tunnel that is gone left, and nothing else", () => {
  const { folder } = makeLocalCopy("far", remote(), ends);
  const mark = (pid: number, host: string) =>
    writeFileSync(join(folder, "tunnel.json"), JSON.stringify({ pid, host }), { mode: 0o600 });
  mark(4_194_304 + 1, "another-machine");
  expect(() => clearName("far")).toThrow(/--as OTHER/);
  mark(4_194_304 + 1, hostname());
  clearName("far");
  expect(existsSync(folder)).toBe(false);
  createClusterDirectory("own");
  expect(() => clearName("own")).toThrow(/There is a cluster own on this machine already/);
});
