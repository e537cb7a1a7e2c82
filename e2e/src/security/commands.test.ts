// Goal: whoever starts a cluster, or wants into one, is told what is wrong and what to do. Method:
// the commands and a client as real processes, with credentials that somebody has spoilt.
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LocalCluster } from "@acme/client";
import { createClusterDirectory, listClusters, openClusterDirectory } from "@acme/credentials";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { command } from "../commands/processes.js";
import { ClusterSite } from "./cluster-site.js";

const hourMs = 3_600_000;
const minuteMs = 60_000;
const e2e = fileURLToPath(new URL("../../", import.meta.url));

/** A program of a user that connects, prints the number of workers and ends. */
function program(target: string) {
  const code = `
    import { Client } from "@acme/client";
    const startMs = performance.now();
    try {
      const client = await Client.connect(${target}, { timeoutMs: 20_000 });
      console.log("connected");
      await client.close();
    } catch (error) {
      console.log(error.code, error.message, Math.round(performance.now() - startMs));
    }`;
  return execa(process.execPath, ["--input-type=module", "--eval", code], { cwd: e2e });
}

describe("the name of a cluster", () => {
  it("belongs to one scheduler, and to the next when that was killed", async () => {
    await using first = await ClusterSite.start("crown", "--port", "0");
    const { pid } = first.directory.contact()!;
    const second = await command("scheduler", ["--name", "crown", "--port", "0"]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/crown has a scheduler already, at tls:.*--name/);
    process.kill(pid!, "SIGKILL");
    const before = first.directory.token;
    await using third = await ClusterSite.start("crown", "--port", "0");
    expect(third.directory.token).toBe(before);
    await third.startWorkers(1);
  });

  it("is given to schedulers without one, which leave nothing behind", async () => {
    const args = ["--port", "0", "--no-dashboard"];
    const named = new Set(listClusters());
    const schedulers = [command("scheduler", args), command("scheduler", args)];
    const fresh = () => listClusters().filter((name) => !named.has(name) && name !== "default");
    await expect.poll(() => fresh().length, { timeout: 20_000 }).toBeGreaterThan(0);
    await expect.poll(() => openClusterDirectory("default").contact()).not.toBeNull();
    await expect.poll(() => openClusterDirectory(fresh()[0]!).contact()).not.toBeNull();
    for (const scheduler of schedulers) scheduler.kill("SIGTERM");
    await Promise.all(schedulers);
    expect(fresh()).toEqual([]);
    expect(openClusterDirectory("default").contact()).toBeNull();
  });
});

describe("loosened file modes", () => {
  it.each(["key.pem", ""])("of %j are refused", async (file) => {
    await using site = await ClusterSite.start("loose", "--port", "0");
    const { folder } = site.directory;
    const path = file === "" ? folder : `${folder}/${file}`;
    const [looser, tight] = file === "" ? [0o755, 0o700] : [0o640, 0o600];
    const { address } = site.directory.contact()!;
    chmodSync(path, looser);
    const remedy = `chmod ${tight.toString(8)} ${path}`;
    const [worker, scheduler, ...programs] = await Promise.all([
      command("worker", ["--cluster", "loose"]),
      command("scheduler", ["--name", "loose", "--port", "0"]),
      program('"loose"'),
      program(`"${address}"`),
    ]);
    for (const { exitCode, stderr } of [worker, scheduler]) {
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining(remedy)]);
    }
    for (const { stdout } of programs) expect(stdout).toContain(remedy);
    chmodSync(path, tight);
    expect((await program('"loose"')).stdout).toBe("connected");
  });
});

describe("dates", () => {
  /** A directory as it is made where the clock is ahead of ours by this much. */
  const madeAhead = (name: string, aheadMs: number, forMs: number) => {
    const nowMs = Date.now() + aheadMs;
    const validity = { fromMs: nowMs - hourMs, untilMs: nowMs + forMs };
    try {
      createClusterDirectory(name, { validity });
    } catch {
      // It says already that it cannot be used; the commands must, too.
    }
  };

  it("a clock that is off by almost an hour does no harm", async () => {
    madeAhead("skewed", 59 * minuteMs, 365 * 24 * hourMs);
    const { security } = openClusterDirectory("skewed");
    await using site = await ClusterSite.start("skewed", "--port", "0");
    expect(site.security).toEqual(security);
    await site.startWorkers(1);
    expect((await program('"skewed"')).stdout).toBe("connected");
  });

  it.each([
    ["expired", -3 * hourMs, hourMs, /expired at .*acme-scheduler --name/],
    ["early", 3 * hourMs, hourMs, /are valid from .*Correct its clock/],
  ])("certificates that are %s are refused, and made anew by the scheduler", async (...given) => {
    const [name, aheadMs, forMs, said] = given;
    madeAhead(name, aheadMs, forMs);
    const worker = await command("worker", ["--cluster", name]);
    expect([worker.exitCode, worker.stderr]).toEqual([1, expect.stringMatching(said)]);
    expect((await program(`"${name}"`)).stdout).toMatch(said);
    await using site = await ClusterSite.start(name, "--port", "0");
    await site.startWorkers(1);
  });
});

describe("credentials that do not fit", () => {
  it("of another cluster are named as that, at once", async () => {
    await using site = await ClusterSite.start("ours", "--port", "0");
    await using other = await ClusterSite.start("theirs", "--port", "0");
    const { address } = site.directory.contact()!;
    const worker = await command("worker", [address, "--cluster", "theirs", "--nthreads", "1"]);
    expect([worker.exitCode, worker.stderr]).toEqual([
      78,
      expect.stringMatching(/is of another cluster/),
    ]);
    expect(other.schedulerPid).toBeDefined();
    await expect.poll(() => site.said).toMatch(/hung up, as a peer does .* another cluster/);
  });

  it("nobody comes in plaintext, and everybody is told within a second", async () => {
    await using site = await ClusterSite.start("secret", "--port", "0");
    const plain = site.directory.contact()!.address.replace("tls", "tcp");
    const { stdout } = await program(`"${plain}"`);
    expect(stdout).toMatch(/^TLS_REQUIRED .*it expects TLS: write tls:\/\//);
    expect(Number(stdout.split(" ").at(-1))).toBeLessThan(1000);
    const worker = await command("worker", [plain, "--nthreads", "1"]);
    expect([worker.exitCode, worker.stderr]).toEqual([78, expect.stringMatching(/write tls:/)]);
    expect(site.said).toMatch(/it speaks no TLS; it must connect with tls:\/\//);
  });
});

describe("--insecure", () => {
  it("is needed for plaintext", async () => {
    for (const args of [
      ["--protocol", "tcp"],
      ["--host", "ws://127.0.0.1"],
    ]) {
      const scheduler = await command("scheduler", [...args, "--port", "0"]);
      expect(scheduler.exitCode).toBe(1);
      expect(scheduler.stderr).toMatch(/is not encrypted.*--insecure/);
    }
  });

  it("warns at the start, in every worker command and in every client, once", async () => {
    await using site = await ClusterSite.start("open", "--port", "0", "--insecure");
    const { address } = site.directory.contact()!;
    expect(address).toMatch(/^tcp:\/\/127\.0\.0\.1:/);
    await expect.poll(() => site.said).toMatch(/WARNING: Whoever can reach tcp:.* can run code/);
    await site.startWorkers(2);
    const warning = /the connection with tcp:\S+ is not encrypted/g;
    expect(site.said.match(warning)).toHaveLength(1);
    for (const target of ['"open"', `"${address}"`]) {
      const { stdout, stderr } = await program(target);
      expect(stdout).toBe("connected");
      expect(stderr.match(warning)).toHaveLength(1);
    }
  });
});

it("a local cluster enters itself for other programs, and goes without a trace", async () => {
  const locals = () => listClusters().filter((name) => name.startsWith("local-"));
  const cluster = await LocalCluster.start({ nWorkers: 1, logLevel: "silent" });
  expect(cluster.schedulerAddress).toMatch(/^tls:/);
  await expect.poll(locals).toHaveLength(1);
  for (const target of [cluster.schedulerAddress, ...locals()]) {
    expect((await program(`"${target}"`)).stdout).toBe("connected");
  }
  expect(openClusterDirectory(locals()[0]!).security).toEqual(cluster.security);
  await cluster.close();
  expect(locals()).toEqual([]);
});

it("a local cluster is plaintext only when it is told so", async () => {
  await using cluster = await LocalCluster.start({ nWorkers: 0, security: false });
  expect(cluster.schedulerAddress).toMatch(/^tcp:/);
  expect(cluster.security).toBeUndefined();
});
