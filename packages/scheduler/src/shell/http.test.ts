// The HTTP server as monitoring, a browser and a stranger see it, over real sockets.
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { parseHttpAddress } from "./http-address.js";
import { shellLimits } from "./limits.js";
import { startScheduler } from "./scheduler-server.js";

const token = "a-token-of-more-than-16-characters";
const bearer = { authorization: `Bearer ${token}` };

async function withScheduler(
  httpAddress: string,
  use: (url: string, port: number) => Promise<void>,
): Promise<void> {
  const options = { httpAddress, httpToken: token, logLevel: "silent" } as const;
  const scheduler = await startScheduler(options);
  try {
    await use(`http://127.0.0.1:${scheduler.httpPort}`, scheduler.httpPort as number);
  } finally {
    await scheduler.close();
  }
}

/** Asks with headers that `fetch` would not send. */
function ask(port: number, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage) => {
      response.resume();
      resolve(response.statusCode as number);
    };
    httpRequest({ port, path, headers }, answered).on("error", reject).end();
  });
}

/** Begin of the answer to bytes as they are. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const [data] = await once(socket.end(text), "data");
  socket.destroy();
  return String(data);
}

it("answers /health, and metrics in Prometheus' form", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    expect(await (await fetch(`${url}/health?x=1`)).text()).toBe("ok\n");
    const metrics = await fetch(`${url}/metrics`, { headers: bearer });
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await metrics.text()).trimEnd().split("\n");
    const sample = /^[a-z_]+(\{[a-z]+="[^"\n]*"\})? -?\d+(\.\d+)?(e-?\d+)?$/;
    const wrong = lines.filter((line) => !sample.test(line) && !/^# (HELP|TYPE) /.test(line));
    expect(wrong).toEqual([]);
    expect(lines).toContain('dask_scheduler_tasks{state="memory"} 0');
  });
});

it.each(["/", "/status", "/status.json", "/status.css", "/metrics", "/nowhere", "//health"])(
  "shows %s to nobody without the token, and says what to do",
  async (path) => {
    await withScheduler("127.0.0.1:0", async (url) => {
      const cookie = `acme-00000000=${token}`;
      const attempts = [
        {},
        { authorization: "Bearer wrong" },
        { authorization: token },
        { cookie },
      ];
      for (const headers of attempts) {
        const answer = await fetch(url + path, { headers });
        const text = await answer.text();
        expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
        expect(text).toContain("npx @acme/acme status");
        expect(text + JSON.stringify([...answer.headers])).not.toContain(token);
      }
      expect((await fetch(`${url}${path}?token=${token}x`)).status).toBe(401);
    });
  },
);

it("takes the token once from the address, and a cookie from then on", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    const entry = await fetch(`${url}/status?a=1&token=${token}`, { redirect: "manual" });
    expect([entry.status, entry.headers.get("location")]).toEqual([303, "/status?a=1"]);
    const set = entry.headers.get("set-cookie") as string;
    expect(set).toMatch(/^acme-[0-9a-f]{8}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(token);
    const cookie = `other=1; ${set.split(";")[0]}`;
    const page = await fetch(`${url}/status`, { headers: { cookie } });
    expect([page.status, page.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    const status = await fetch(`${url}/status.json`, { headers: { cookie } });
    expect(await status.json()).toMatchObject({
      workerCount: 0,
      tasks: { memory: 0 },
      workers: [],
    });
    const changed = { headers: { cookie: `${cookie}x` } };
    expect((await fetch(`${url}/status.json`, changed)).status).toBe(401);
  });
});

it("never sends anybody elsewhere", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    for (const path of ["//example.org/", "/\\example.org", "/nowhere", "/"]) {
      const entry = await fetch(`${url}${path}?token=${token}`, { redirect: "manual" });
      expect([entry.status, entry.headers.get("location")]).toEqual([303, "/status"]);
    }
  });
});

it("refuses other methods and pages", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    const post = await fetch(`${url}/health`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const head = await fetch(`${url}/health`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const nowhere = await fetch(`${url}/nowhere`, { headers: bearer });
    expect(nowhere.status).toBe(404);
    expect(await nowhere.text()).toMatch(/^no such page: try \/status, /);
  });
});

it("answers only under names of its own machine", async () => {
  await withScheduler("127.0.0.1:0", async (_, port) => {
    for (const host of [
      "localhost",
      `LOCALHOST:${port}`,
      "10.0.0.1:1",
      "[::1]:8787",
      "127.1.2.3",
    ]) {
      expect(await ask(port, "/status", { ...bearer, host })).toBe(200);
    }
    for (const host of ["example.org", `a.example.org:${port}`, "localhost.example.org"]) {
      expect(await ask(port, "/status", { ...bearer, host })).toBe(421);
    }
    expect(await raw(port, "GET /health HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1.1 421 /);
  });
});

it("lets no other site use what it answers", async () => {
  await withScheduler("127.0.0.1:0", async (url) => {
    for (const path of ["/health", "/status", "/status.json"]) {
      const { headers } = await fetch(url + path, { headers: bearer });
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

it("bounds the headers it reads", async () => {
  await withScheduler("127.0.0.1:0", async (url, port) => {
    expect((await fetch(url, { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
    expect(await raw(port, "GET /health HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

it("makes a token of its own when it gets none", async () => {
  const scheduler = await startScheduler({ httpAddress: "127.0.0.1:0", logLevel: "silent" });
  const url = `http://127.0.0.1:${scheduler.httpPort}/status.json`;
  expect(scheduler.httpToken).toMatch(/^[\w-]{43}$/);
  const headers = { authorization: `Bearer ${scheduler.httpToken}` };
  expect((await fetch(url, { headers })).status).toBe(200);
  await scheduler.close();
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

it("answers beside as many idle connections as anybody opens", async () => {
  await withScheduler("127.0.0.1:0", async (url, port) => {
    const idle = Array.from({ length: shellLimits.httpConnections + 40 }, () => connect(port));
    const ends = idle.map((socket) =>
      once(
        socket.on("error", () => {}),
        "close",
      ),
    );
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) });
    expect(await response.text()).toBe("ok\n");
    await Promise.all(ends.slice(0, 40));
    expect(idle.at(-1)?.destroyed).toBe(false);
    for (const socket of idle) socket.destroy();
  });
});
