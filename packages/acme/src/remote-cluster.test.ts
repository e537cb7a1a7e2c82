// The script is run by a real shell over real directories, as it would be at the other end of ssh.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterDirectory, writeContactFile } from "@acme/credentials";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isComplete, parseRemoteCluster, readingScript } from "./remote-cluster.js";

const mark = "acme-0123";
const contact = { id: "S", address: "tls://127.0.0.1:1", addresses: [], httpPort: 2, version: "0" };
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "acme-remote-"));
});
afterAll(() => rmSync(home, { recursive: true }));

function made(name: string) {
  return createClusterDirectory(join(home, "clusters", name));
}

function printed(name: string, before = ""): string {
  const env = { ...process.env, ACME_HOME: home };
  const input = `${before}${readingScript(name, mark)}`;
  return execFileSync("sh", ["-s"], { env, input, encoding: "utf8", stdio: "pipe" });
}

it("brings a directory as it is, whatever a login script says first", () => {
  const directory = made("one");
  writeContactFile(directory.files.contact, contact);
  const text = printed("one", "echo Welcome; echo 'acme-9 token'\n");
  const remote = parseRemoteCluster(text, mark, "one");
  expect(remote.certificates).toEqual(directory.security);
  expect([remote.token, remote.host]).toEqual([directory.token, hostname()]);
  expect(remote.contact).toMatchObject({ address: "tls://127.0.0.1:1", httpPort: 2 });
  expect(isComplete(text, mark)).toBe(true);
  expect(isComplete(text.slice(0, -2), mark)).toBe(false);
});

it("says what is missing", () => {
  expect(() => parseRemoteCluster(printed("none"), mark, "none")).toThrow(
    /There is no cluster none/,
  );
  made("asleep");
  expect(() => parseRemoteCluster(printed("asleep"), mark, "asleep")).toThrow(
    /asleep on that machine cannot be used: it has no scheduler/,
  );
});

it.each([
  ["key.pem", 0o640],
  ["token", 0o604],
  [".", 0o755],
])("refuses %s when others can read it", (file, mode) => {
  const directory = made(`loose-${mode}`);
  writeContactFile(directory.files.contact, contact);
  chmodSync(join(directory.folder, file), mode);
  const read = () => parseRemoteCluster(printed(directory.name), mark, directory.name);
  expect(read).toThrow(/Others can use the credentials/);
});
