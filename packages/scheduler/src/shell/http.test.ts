// The HTTP server as monitoring sees it, over real sockets.

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { parseHttpAddress } from "./http-address.js";
import { startScheduler } from "./scheduler-server.js";

async function withScheduler(
  httpAddress: string,
  use: (url: string, port: number) => Promise<void>,
): Promise<void> {
  const scheduler = await startScheduler({ httpAddress, logLevel: "silent" });
  try {
    await use(`http://127.0.0.1:${scheduler.httpPort}`, scheduler.httpPort as number);
  } finally {
    await scheduler.close();
  }
}

it("answers /health, and metrics in Prometheus' form", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    expect(await (await fetch(`${url}/health?x=1`)).text()).toBe("ok\n");
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await metrics.text()).trimEnd().split("\n");
    const sample = /^[a-z_]+(\{[a-z]+="[^"\n]*"\})? -?\d+(\.\d+)?(e-?\d+)?$/;
    const wrong = lines.filter((line) => !sample.test(line) && !/^# (HELP|TYPE) /.test(line));
    expect(wrong).toEqual([]);
    expect(lines).toContain('dask_scheduler_tasks{state="memory"} 0');
  });
});

it("refuses other methods and pages", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    const post = await fetch(`${url}/health`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const head = await fetch(`${url}/health`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const nowhere = await fetch(`${url}/nowhere`);
    expect([nowhere.status, await nowhere.text()]).toEqual([
      404,
      "no such page: try /health or /metrics\n",
    ]);
  });
});

it("takes a free port when the one asked for is taken", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port: taken } = other.address() as AddressInfo;
  await withScheduler(`127.0.0.1:${taken}`, async (url, port) => {
    expect(port).not.toBe(taken);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
  other.close();
});

it("reads addresses as people write them", () => {
  expect(parseHttpAddress(":8787")).toEqual({ host: "0.0.0.0", port: 8787 });
  expect(parseHttpAddress("8787")).toEqual({ host: "127.0.0.1", port: 8787 });
  expect(parseHttpAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(parseHttpAddress("http://node1:80")).toEqual({ host: "node1", port: 80 });
  for (const text of ["", "node1", "node1:", "a:b", "h:70000"]) {
    expect(() => parseHttpAddress(text)).toThrow(/no address for the HTTP server/);
  }
});

it("leaves nothing open when it cannot start", async () => {
  const start = startScheduler({
    listen: ["tcp://127.0.0.1:0"],
    httpAddress: "192.0.2.1:1",
    logLevel: "silent",
  });
  await expect(start).rejects.toMatchObject({ code: "HTTP_LISTEN_FAILED", portTaken: false });
});
