// Goal: credentials that only their owner can read, and refusal of all that others might have
// touched, with the command that mends it.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { isAcmeError } from "@acme/protocol";
import { expect, it } from "vitest";
import { makeCertificates } from "./certificates.js";
import { createClusterDirectory, openClusterDirectory } from "./cluster-directory.js";
import { useOwnHome } from "./fixtures/own-home.js";

const hourMs = 3_600_000;
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

it("makes a directory for its owner alone, and opens it by name and by path", () => {
  const clusters = useOwnHome();
  const made = createClusterDirectory("one");
  expect(made.folder).toBe(join(clusters, "one"));
  expect(mode(clusters)).toBe("700");
  expect(mode(made.folder)).toBe("700");
  expect(readdirSync(clusters)).toEqual(["one"]);
  expect(readdirSync(made.folder).sort()).toEqual(["ca.pem", "cert.pem", "key.pem", "token"]);
  for (const name of readdirSync(made.folder)) expect(mode(join(made.folder, name))).toBe("600");
  expect(made.token).toMatch(/^[\w-]{43}$/);
  expect(made.contact()).toBeNull();
  expect(openClusterDirectory("one").security).toEqual(made.security);
  expect(openClusterDirectory(made.folder).token).toBe(made.token);
});

it("does not touch a directory that is there", () => {
  useOwnHome();
  const { token } = createClusterDirectory("one");
  expect(() => createClusterDirectory("one")).toThrow(/already: choose another name/);
  expect(openClusterDirectory("one").token).toBe(token);
});

it.each(["ca.pem", "cert.pem", "key.pem", "token"])("refuses a loosened %s", (name) => {
  useOwnHome();
  const { folder } = createClusterDirectory("one");
  const path = join(folder, name);
  for (const looser of [0o640, 0o604, 0o620]) {
    chmodSync(path, looser);
    expect(() => openClusterDirectory("one")).toThrow(`chmod 600 ${path}`);
  }
  chmodSync(path, 0o400);
  expect(openClusterDirectory("one").name).toBe("one");
});

it("refuses a loosened folder", () => {
  useOwnHome();
  const { folder } = createClusterDirectory("one");
  chmodSync(folder, 0o750);
  expect(() => openClusterDirectory("one")).toThrow(`chmod 700 ${folder}`);
});

it("refuses symbolic links, for the folder and for a file", () => {
  const clusters = useOwnHome();
  const { folder } = createClusterDirectory("one");
  symlinkSync(folder, join(clusters, "two"));
  expect(() => openClusterDirectory("two")).toThrow(/symbolic link/);
  const key = join(folder, "key.pem");
  renameSync(key, join(clusters, "elsewhere"));
  symlinkSync(join(clusters, "elsewhere"), key);
  expect(() => openClusterDirectory("one")).toThrow(/symbolic link/);
});

it("refuses what belongs to somebody else", () => {
  // Whoever runs this owns the directory, so it is the own number that is changed.
  useOwnHome();
  createClusterDirectory("one");
  const own = process.getuid as () => number;
  process.getuid = () => own() + 1;
  try {
    expect(() => openClusterDirectory("one")).toThrow(/belongs to user/);
  } finally {
    process.getuid = own;
  }
});

it("says which cluster does not exist, and what is missing", () => {
  const clusters = useOwnHome();
  expect(() => openClusterDirectory("none")).toThrow(
    `There is no cluster directory ${join(clusters, "none")}`,
  );
  mkdirSync(join(clusters, "empty"), { recursive: true, mode: 0o700 });
  expect(() => openClusterDirectory("empty")).toThrow(/ca\.pem/);
});

it.each(["", ".hidden", "a b", "-x", "x".repeat(65), "ä"])("refuses the name %j", (name) => {
  useOwnHome();
  expect(() => createClusterDirectory(name)).toThrow(/cannot be the name of a cluster/);
});

it.each([
  ["expired", -3 * hourMs, -1 * hourMs, /expired at .*acme-scheduler --name one/],
  ["not yet valid", 2 * hourMs, 3 * hourMs, /are valid from .*Correct its clock/],
])("says that certificates are %s, and the remedy", (_, fromMs, untilMs, said) => {
  useOwnHome();
  const now = Date.now();
  const validity = { fromMs: now + fromMs, untilMs: now + untilMs };
  expect(() => createClusterDirectory("one", { validity })).toThrow(said);
});

it("says that a key does not belong to its certificate", () => {
  useOwnHome();
  const certificates = { ...makeCertificates("one"), key: makeCertificates("one").key };
  const make = () => createClusterDirectory("one", { certificates });
  expect(make).toThrow(/do not belong together/);
  try {
    openClusterDirectory("one");
  } catch (error) {
    expect(isAcmeError(error, "CREDENTIALS_UNUSABLE")).toBe(true);
  }
  expect(existsSync(join(useOwnHome(), "one"))).toBe(false);
});
