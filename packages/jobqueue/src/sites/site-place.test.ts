// A site's folders and ports, used on machines of the site alone.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort, optionsOfPlace } from "./site-place.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-site-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = new Date(2026, 0, 2, 3, 4, 5);

it("fills in who and when, where the site's folder is", async () => {
  const site = { name: "x", logDirectory: `${folder}/{user}/{user}_{stamp}` };
  const { username } = userInfo();
  expect(await optionsOfPlace(site, now)).toEqual({
    logDirectory: `${folder}/${username}/${username}_20260102-030405`,
  });
});

it("holds nowhere else", async () => {
  const site = {
    name: "x",
    logDirectory: "/no-such-folder/{user}",
    schedulerNetwork: "203.0.113.",
    openPorts: [60_001, 63_000] as const,
  };
  expect(await optionsOfPlace(site, now)).toEqual({});
});

it("takes a port that the firewall lets through, for the scheduler and for workers", async () => {
  const site = { name: "x", schedulerNetwork: "127.", openPorts: [45_001, 45_900] as const };
  const options = await optionsOfPlace(site, now);
  expect(options.host).toMatch(/^127\./);
  expect(options.schedulerPort).toBeGreaterThan(45_000);
  const range = ["--worker-port", "45001:45900", "--nanny-port", "45001:45900"];
  expect(options.workerExtraArgs).toEqual(range);
});

it("goes on to the next port, and says so when none is left", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    await expect(freePort("127.0.0.1", [port, port])).rejects.toThrow(/no port of 127\.0\.0\.1/);
    const next = await freePort("127.0.0.1", [port, Math.min(port + 50, 65_535)]);
    expect(next).toBeGreaterThan(port);
  } finally {
    server.close();
  }
});
