// Calls that die for want of memory: a nanny ends them for real, the map hears why, and the next
// attempt goes to a worker that has more.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type KilledWorker, ParallelMap } from "@acme/client";
import { expect, test } from "vitest";
import { command, contactIn, startMs, workersAt } from "../commands/processes.js";
import { temporaryFolder } from "./fixtures/map-site.js";

const MB = 1_000_000;

/** Gathers so many megabytes, and holds many until a nanny has looked, or there is this file. */
const hungry = async (megabytes: number, gate: string): Promise<number> => {
  const eaten: Uint8Array[] = [];
  while (eaten.length < megabytes) {
    eaten.push(new Uint8Array(1_000_000).fill(1));
    if (eaten.length % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { existsSync } = await import("node:fs");
  for (let looks = 0; megabytes > 100 && looks < 600 && !existsSync(gate); looks++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (megabytes > 100) await new Promise((resolve) => setTimeout(resolve, 1_000));
  return eaten.length;
};

/** A scheduler with workers of these memory limits, by name. */
async function clusterOf(limits: Readonly<Record<string, string>>) {
  const file = join(temporaryFolder(), "scheduler.json");
  const scheduler = command("scheduler", [
    ...["--port", "0", "--no-dashboard", "--scheduler-file", file],
  ]);
  await expect.poll(() => contactIn(file)?.address, { timeout: startMs }).toBeDefined();
  const workers = Object.entries(limits).map(([name, limit]) =>
    command("worker", [
      ...["--scheduler-file", file, "--nthreads", "1", "--memory-limit", limit, "--name", name],
    ]),
  );
  const address = contactIn(file)?.address as string;
  await expect
    .poll(async () => (await workersAt(address)).length, { timeout: startMs })
    .toBe(workers.length);
  const client = await Client.connect({ schedulerFile: file });
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      for (const one of [...workers, scheduler]) one.kill("SIGTERM");
      await Promise.all([...workers, scheduler]);
    },
  };
}

test("after it died for want of memory a call is tried where there is more, and comes right", async () => {
  await using site = await clusterOf({ small: "300MB", large: "900MB" });
  const { client } = site;
  const gate = join(temporaryFolder(), "gate");
  // The large worker has something else to do until the small one has failed.
  const busy = client.submit(
    async (path: string) => {
      const { existsSync } = await import("node:fs");
      while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 50));
    },
    [gate],
    { workers: ["large"] },
  );
  const run = new ParallelMap(hungry, [400, 1], [gate, gate]).run({
    client,
    progress: false,
    output: "memory",
    retries: { max: 1, backoffMs: 1, memoryFactor: 2 },
  });
  const watch = setInterval(() => {
    if (run.report.retried > 0) writeFileSync(gate, "");
  }, 50);
  const calls: [number, number][] = [];
  try {
    for await (const call of run)
      if (call.status === "done") calls[call.index] = [call.value, call.attempts];
  } finally {
    clearInterval(watch);
    writeFileSync(gate, "");
  }
  expect(calls).toEqual([
    [400, 2],
    [1, 1],
  ]);
  await busy.result();
});

test("why a call died is a field of its error", async () => {
  await using site = await clusterOf({ small: "300MB" });
  const run = new ParallelMap(hungry, [400], [join(temporaryFolder(), "never")]).run({
    client: site.client,
    progress: false,
    output: "memory",
    onError: "continue",
  });
  for await (const call of run) expect(call.status).toBe("failed");
  const error = run.report.failures[0]?.error as KilledWorker;
  expect(error).toMatchObject({
    code: "KILLED_WORKER",
    death: "memory",
    memoryLimitBytes: 300 * MB,
  });
  expect(error.message).toContain("took more memory than its worker may have");
});
