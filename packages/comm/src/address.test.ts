// Addresses and what listeners say about theirs.
import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import { isIP } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { formatAddress, parseAddress } from "./address.js";
import { connect } from "./connect.js";
import { listen } from "./listen.js";

const onConnection = (): void => {};

describe("parseAddress", () => {
  it.each([
    ["tcp://127.0.0.1:8786", { scheme: "tcp", host: "127.0.0.1", port: 8786 }],
    ["tls://[::1]:0", { scheme: "tls", host: "::1", port: 0 }],
    ["ws://node7.cluster:80/", { scheme: "ws", host: "node7.cluster", port: 80 }],
    ["wss://:443", { scheme: "wss", host: "", port: 443 }],
    ["inproc://12-3", { scheme: "inproc", host: "12-3", port: 0 }],
  ])("reads %s", (text, parsed) => {
    expect(parseAddress(text)).toEqual(parsed);
  });

  it.each([
    "",
    "127.0.0.1:80",
    "udp://x:1",
    "tcp://x",
    "tcp://x:y",
    "tcp://x:70000",
    "tcp://::1:80",
  ])("refuses %j", (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: "BAD_ADDRESS" }));
  });
});

describe("formatAddress", () => {
  it("puts brackets around IPv6 and unwraps IPv4 in it", () => {
    expect(formatAddress("tcp", "::1", 80)).toBe("tcp://[::1]:80");
    expect(formatAddress("tcp", "::ffff:10.0.0.1", 80)).toBe("tcp://10.0.0.1:80");
  });
});

describe("a listener's address", () => {
  it("is numeric for a name", async () => {
    const listener = await listen("tcp://localhost:0", { onConnection });
    onTestFinished(() => listener.close());
    expect(isIP(parseAddress(listener.address).host)).not.toBe(0);
    const connection = await connect(listener.address.replace(/\/\/[^:]+/, "//localhost"));
    expect(connection.peerAddress).toBe(listener.address);
    connection.abort();
  });

  it.each(["", "0.0.0.0"])("reaches it when it listens everywhere (%j)", async (host) => {
    const listener = await listen(`tcp://${host}:0`, { onConnection });
    onTestFinished(() => listener.close());
    expect(listener.addresses[0]).toBe(listener.address);
    expect(listener.addresses.at(-1)).toMatch(/^tcp:\/\/127\.0\.0\.1:/);
    for (const address of listener.addresses) {
      expect(address).not.toContain("0.0.0.0");
      const connection = await connect(address);
      expect(connection.peerAddress).toBe(address);
      connection.abort();
    }
  });

  it("is refused when taken", async () => {
    const listener = await listen("tcp://127.0.0.1:0", { onConnection });
    onTestFinished(() => listener.close());
    await expect(listen(listener.address, { onConnection })).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      message: expect.stringContaining("the port is taken"),
    });
    const memory = await listen("inproc://name", { onConnection });
    await expect(listen("inproc://name", { onConnection })).rejects.toMatchObject({
      code: "LISTEN_FAILED",
    });
    await memory.close();
  });

  it("is free again after close, while its connections live on", async () => {
    let far: { isOpen: boolean; abort(): void } | undefined;
    const listener = await listen("tcp://127.0.0.1:0", {
      onConnection: (connection) => {
        far = connection;
      },
    });
    const near = await connect(listener.address);
    await expect.poll(() => far?.isOpen).toBe(true);
    await listener.close();
    const again = await listen(listener.address, { onConnection });
    near.send("still there");
    expect(near.isOpen && far?.isOpen).toBe(true);
    near.abort();
    far?.abort();
    await again.close();
  });
});

describe("connect", () => {
  it("tries again until the server is there, if asked to", async () => {
    const listener = await listen("tcp://127.0.0.1:0", { onConnection });
    const { address } = listener;
    await listener.close();
    const connecting = connect(address, { retry: true, timeoutMs: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const late = await listen(address, { onConnection });
    onTestFinished(() => late.close());
    const connection = await connecting;
    expect(connection.isOpen).toBe(true);
    connection.abort();
    await expect(
      connect("tcp://127.0.0.1:1", { retry: true, timeoutMs: 80 }),
    ).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("80 ms"),
    });
  });

  it("leaves no listener of a failed try on the signal of all tries", async () => {
    const stop = new AbortController();
    const before = getEventListeners(stop.signal, "abort").length;
    const added = vi.spyOn(AbortSignal.prototype, "addEventListener");
    const removed = vi.spyOn(AbortSignal.prototype, "removeEventListener");
    onTestFinished(() => void vi.restoreAllMocks());
    const options = { retry: true, timeoutMs: 300, signal: stop.signal };
    for (const scheme of ["tcp", "ws"]) {
      await expect(connect(`${scheme}://127.0.0.1:1`, options)).rejects.toThrow("nobody listens");
    }
    const gone = new Set(removed.mock.calls.map(([, listener]) => listener));
    expect(added.mock.calls.length).toBeGreaterThan(10);
    expect(added.mock.calls.filter(([, listener]) => !gone.has(listener))).toEqual([]);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(before);
  });

  it("does not try again what answers in another protocol, and says so", async () => {
    const web = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void web.close());
    const { port } = web.address() as { port: number };
    await expect(
      connect(`tcp://127.0.0.1:${port}`, { retry: true, timeoutMs: 10_000 }),
    ).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
      message: expect.stringContaining("the port of another program"),
    });
  });

  it("stops by signal, also between two tries", async () => {
    const reason = new Error("no longer wanted");
    await expect(
      connect("tcp://127.0.0.1:1", { signal: AbortSignal.abort(reason) }),
    ).rejects.toMatchObject({ code: "CONNECT_FAILED", cause: reason });
    const stop = new AbortController();
    const connecting = connect("tcp://127.0.0.1:1", { retry: true, signal: stop.signal });
    setTimeout(() => stop.abort(reason), 50);
    await expect(connecting).rejects.toMatchObject({ code: "CONNECT_FAILED", cause: reason });
  });

  it("says which name cannot be found", async () => {
    await expect(connect("tcp://no-such-host.invalid:1")).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("no-such-host.invalid"),
    });
  });
});
