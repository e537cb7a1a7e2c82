// Programs as the calls of a map, on workers of a cluster: results, failures, and that nothing of
// a program is left when its call is cancelled or its worker dies.
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Client, command, each, isAcmeError, LocalCluster, ParallelMap } from "@acme/client";
import { expect, test } from "vitest";
import { mapSite, temporaryFolder } from "./fixtures/map-site.js";

const site = mapSite();

const { here } = site;

/** A program that tells its process, and goes on for a minute with another one beside it. */
const lasting = (folder: string) =>
  command(
    "sh",
    ["-c", 'echo $$ > "$0/pid.part"; mv "$0/pid.part" "$0/pid"; sleep 60 & wait', "{0}"],
    {
      cwd: folder,
      name: "lasting",
    },
  );

async function pidIn(folder: string): Promise<number> {
  const file = join(folder, "pid");
  await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
  return Number(readFileSync(file, "utf8"));
}

/** Neither ended nor about to be cleared away by the system. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The program, and what it started. */
function groupOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  return [pid, ...children.filter(Boolean).map(Number)];
}

const goneSoon = (pids: readonly number[]) =>
  expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);

test("a map of a program: numbers from each call, one array of all", async () => {
  const outputDir = temporaryFolder();
  const powers = command("awk", ["BEGIN {{ print {x}, {x}^2, {x}^{0.by} }}"], {
    output: "numbers",
  });
  const pmap = new ParallelMap(powers, { x: each([1, 2, 3]), by: 3 });
  const paths = await pmap.compute({ ...here(), outputDir, resultShape: [null, 3] });
  expect(paths).toEqual([0, 1, 2].map((i) => join(outputDir, "awk_payload", `awk_${i}.h5`)));
  const values = await pmap.compute({ ...here(), output: "memory" });
  expect(values.map((value) => Array.from(value))).toEqual([
    [1, 1, 1],
    [2, 4, 8],
    [3, 9, 27],
  ]);
});

test("submit and map of a client take a program as they take a function", async () => {
  const greet = command("printf", ["%s %s", "{0}", "{1}"]);
  expect(await site.client.submit(greet, ["hello", "$USER"]).result()).toBe("hello $USER");
  const futures = site.client.map(greet, [
    ["a", "b"],
    ["c", "d"],
  ]);
  expect(await site.client.gather(futures)).toEqual(["a c", "b d"]);
});

test("a program that fails: its exit code and its last words in the report", async () => {
  const picky = command("sh", [
    "-c",
    'if [ "$1" = 2 ]; then echo no twos >&2; exit 7; fi',
    "sh",
    "{0}",
  ]);
  const run = new ParallelMap(picky, [1, 2, 3]).run({
    ...here(),
    output: "memory",
    onError: "continue",
  });
  for await (const { index, status } of run) expect(status === "done").toBe(index !== 1);
  const [failure] = run.report.failures;
  expect(failure).toMatchObject({ index: 1, args: [2], host: hostname() });
  expect(failure?.error).toMatchObject({ code: "COMMAND_FAILED", exitCode: 7, host: hostname() });
  expect(failure?.error.message).toMatch(/ended with exit code 7[\s\S]*no twos$/);
});

test("a run of a program is resumed from its folder", async () => {
  const folder = temporaryFolder();
  const outputDir = join(folder, "out");
  const needsFile = command("cat", ["{0}"], { cwd: folder, name: "my tool" });
  const pmap = new ParallelMap(needsFile, ["/proc/version", "later.txt"]);
  await expect(pmap.compute({ ...here(), outputDir })).rejects.toThrow(/later\.txt: No such file/);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(folder, "later.txt"), "now\n");
  const paths = await ParallelMap.resume(outputDir, here());
  expect(paths).toEqual([0, 1].map((i) => join(outputDir, "my_tool_payload", `my_tool_${i}.h5`)));
});

test("a call that is cancelled ends its program, with all that it started", async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const computing = new ParallelMap(lasting(folder), [folder]).compute({
    ...here(),
    output: "memory",
    signal: stop.signal,
  });
  const pids = groupOf(await pidIn(folder));
  stop.abort(new Error("enough"));
  await expect(computing).rejects.toThrow("enough");
  await goneSoon(pids);
});

test("a program does not outlive a call whose time is over", async () => {
  const folder = temporaryFolder();
  const computing = new ParallelMap(lasting(folder), [folder]).compute({
    ...here(),
    output: "memory",
    timeLimitMs: 1_000,
  });
  const pids = groupOf(await pidIn(folder));
  await expect(computing).rejects.toThrow("time limit of 1000 ms");
  await goneSoon(pids);
});

test("a program does not outlive its worker", async () => {
  const folder = temporaryFolder();
  const doomed = await LocalCluster.start({ nWorkers: 1, threadsPerWorker: 1, logLevel: "silent" });
  const other = await Client.connect(doomed);
  const future = other.submit(lasting(folder), [folder]);
  const ended = future.result().catch(() => {});
  const pids = groupOf(await pidIn(folder));
  const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pids[0]}/status`, "utf8"))?.[1];
  process.kill(Number(parent), "SIGKILL");
  await goneSoon(pids);
  await other.close();
  await doomed.close();
  await ended;
});

test("a program that is missing on a worker is told with its host and PATH", async () => {
  const missing = command("recon-all-of-tomorrow", ["-s", "{0}"]);
  const error = await site.client
    .submit(missing, ["sub-01"])
    .result()
    .catch((thrown) => thrown);
  expect(isAcmeError(error) || error instanceof Error).toBe(true);
  expect(error).toMatchObject({ code: "COMMAND_NOT_STARTED", host: hostname() });
  expect(error.message).toContain(`in no folder of PATH there: ${process.env.PATH}`);
});

test("a program is told the number of its call", async () => {
  const echo = command("echo", ["{0}", "is call {taskId}, try {attempt}"], { output: "text" });
  const pmap = new ParallelMap(echo, ["a", "b"]);
  expect(await pmap.compute({ ...here(), output: "memory" })).toEqual([
    "a is call 0, try 1",
    "b is call 1, try 1",
  ]);
});

test("too few inputs are refused before anything runs", () => {
  expect(() => new ParallelMap(command("cp", ["{0}", "{1}"]), ["a"])).toThrow(
    "cp has places for 2 inputs, but 1 were given",
  );
});
