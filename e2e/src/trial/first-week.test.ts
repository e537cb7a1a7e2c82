// What people run into in their first week, each once: clusters closed in the wrong order,
// functions that end the process. Real processes throughout.
import { Client, isAcmeError, LocalCluster } from "@acme/client";
import { expect, test } from "vitest";

const twice = (x: number): number => 2 * x;

test("a cluster that is closed before its client ends it at once", async () => {
  const cluster = await LocalCluster.start({ nWorkers: 1, logLevel: "error" });
  const log: string[] = [];
  const client = await Client.connect(cluster, { onLog: ({ event }) => void log.push(event) });
  try {
    const done = client.submit(twice, [2]);
    expect(await done.result()).toBe(4);
    const endless = client.submit(() => new Promise<void>(() => {}), []);
    await endless.submitted();
    const caught = expect(endless.result({ timeoutMs: 10_000 })).rejects.toMatchObject({
      code: "CANCELLED",
      reason: "closed",
    });
    await cluster.close();
    await caught;
    expect(client.isOpen).toBe(false);
    await expect(done.result()).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    expect(log).not.toContain("connection-lost");
  } finally {
    await client.close();
    await cluster.close();
  }
});

test("a function that calls process.exit is told what it did", async () => {
  const cluster = await LocalCluster.start({ nWorkers: 1, logLevel: "silent" });
  const client = await Client.connect(cluster);
  try {
    const exits = (code: number): void => process.exit(code);
    const error = await client.submit(exits, [3]).exception({ timeoutMs: 60_000 });
    expect(isAcmeError(error, "KILLED_WORKER")).toBe(true);
    expect(error?.message).toContain("ended with exit code 3");
    expect(error?.message).toContain("return or throw instead of calling process.exit()");
    expect(await client.submit(twice, [3]).result()).toBe(6);
  } finally {
    await client.close();
    await cluster.close();
  }
});
