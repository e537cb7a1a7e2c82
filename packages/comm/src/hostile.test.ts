// Peers that are broken, slow, hostile or half gone: that one connection ends with one clear log
// line, and everything else goes on.
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { encodeMessage, frameHeader, Serialized } from "@acme/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { parseAddress } from "./address.js";
import { connect } from "./connect.js";
import { listen } from "./listen.js";
import type { CommLogEntry, Connection, Listener, ListenOptions } from "./types.js";

const hello = { compression: null, python: [3, 11, 2], "pickle-protocol": 5 };

interface Host {
  listener: Listener;
  log: CommLogEntry[];
  next(): Promise<Connection>;
}

async function host(scheme = "tcp", options: Partial<ListenOptions> = {}): Promise<Host> {
  const log: CommLogEntry[] = [];
  const accepted: Connection[] = [];
  const listener = await listen(`${scheme}://127.0.0.1:0`, {
    onConnection: (connection) => accepted.push(connection),
    onLog: (entry) => log.push(entry),
    ...options,
  });
  onTestFinished(async () => {
    for (const connection of accepted) connection.abort();
    await listener.close();
  });
  const next = async (): Promise<Connection> => {
    await expect.poll(() => accepted.length).toBeGreaterThan(0);
    return accepted.shift()!;
  };
  return { listener, log, next };
}

function rawPeer(listener: Listener): Socket {
  const { host: ip, port } = parseAddress(listener.address);
  const socket = connectTcp({ host: ip, port });
  socket.on("error", () => {});
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

const bytesOf = (message: unknown): Buffer => {
  const frames = encodeMessage(message as object);
  return Buffer.concat([frameHeader(frames), ...frames]);
};

const words = (...values: bigint[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => void bytes.writeBigUInt64LE(value, 8 * i));
  return bytes;
};

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("bytes that are no messages", () => {
  const bad: [string, Buffer][] = [
    ["a message without frames", words(8n, 0n)],
    ["a giant frame count", words(8n, 2n ** 63n)],
    ["a giant document", words(16n, 1n, 2n ** 40n)],
    ["a giant frame", Buffer.concat([words(24n, 2n, 1n, 2n ** 62n)])],
    [
      "a document that is no msgpack",
      Buffer.concat([words(24n, 1n, 3n), Buffer.from([0xc1, 0, 0])]),
    ],
    ["an empty document", words(16n, 1n, 0n)],
    ["a document with bytes behind", Buffer.concat([words(24n, 1n, 2n), Buffer.from([1, 2])])],
    ["a placeholder to nowhere", bytesOf({ __Serialized__: 9 })],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4))],
    ["TLS", Buffer.from("160301020001000001fc0303".repeat(8), "hex")],
  ];

  it.each(bad)("after the handshake: %s", async (_name, bytes) => {
    const { listener, log, next } = await host();
    const socket = rawPeer(listener);
    socket.write(bytesOf(hello));
    const connection = await next();
    socket.write(Buffer.concat([bytesOf("good"), bytes]));
    await ended(socket);
    expect((await connection.closed).by).toBe("error");
    expect(await connection.read()).toBe("good");
    expect(log.length).toBe(1);
    expect(log[0]).toMatchObject({ level: "warn", event: "bad-message" });
    expect(log[0]!.message).toContain(connection.peerAddress);
    const other = await connect(listener.address);
    expect(other.isOpen).toBe(true);
    other.abort();
  });

  it.each(bad)("instead of the handshake: %s", async (_name, bytes) => {
    const { listener, log } = await host();
    const socket = rawPeer(listener);
    socket.write(bytes);
    await ended(socket);
    await expect.poll(() => log.length).toBe(1);
    expect(log[0]!.level).toBe("warn");
  });

  it.each([
    ["text", false],
    [Buffer.alloc(7), true],
    [Buffer.alloc(8), true],
    [words(2n ** 60n), true],
  ])("on a websocket: %j", async (data, binary) => {
    const { listener, log, next } = await host("ws");
    const ws = new WebSocket(listener.address);
    await new Promise((resolve) => ws.once("open", resolve));
    const frames = encodeMessage(hello);
    ws.send(words(1n), { binary: true });
    ws.send(frames[0]!, { binary: true });
    const connection = await next();
    const over = new Promise((resolve) => ws.once("close", resolve));
    ws.send(data, { binary });
    expect((await connection.closed).error).toMatchObject({
      code: expect.stringMatching(/WIRE_FORMAT|LIMIT_EXCEEDED/),
    });
    await over;
    expect(log.map((entry) => entry.event)).toEqual(["bad-message"]);
  });

  it("a websocket frame that breaks the websocket protocol", async () => {
    const { listener, log, next } = await host("ws");
    const ws = new WebSocket(listener.address);
    const upgraded = new Promise<Socket>((resolve) => {
      ws.once("upgrade", ({ socket }) => resolve(socket));
    });
    await new Promise((resolve) => ws.once("open", resolve));
    ws.send(words(1n), { binary: true });
    ws.send(encodeMessage(hello)[0]!, { binary: true });
    const connection = await next();
    ws.on("error", () => {});
    (await upgraded).write(Buffer.from([0xff, 0xff, 0, 0, 0]));
    expect((await connection.closed).error).toMatchObject({ code: "WIRE_FORMAT" });
    expect(log.map((entry) => entry.event)).toEqual(["bad-message"]);
  });

  it("a first message that is no handshake", async () => {
    const { listener, log } = await host();
    const socket = rawPeer(listener);
    socket.write(bytesOf({ op: "identity" }));
    await ended(socket);
    await expect.poll(() => log.map((entry) => entry.event)).toEqual(["handshake-failed"]);
  });

  it("a plain HTTP request to a websocket port gets an answer", async () => {
    const { listener } = await host("ws");
    const response = await fetch(listener.address.replace("ws:", "http:"));
    expect(response.status).toBe(426);
  });
});

describe("limits", () => {
  it("of the wire can be set per listener", async () => {
    const { listener, log, next } = await host("tcp", { wireLimits: { frameBytes: 1000 } });
    const near = await connect(listener.address);
    const far = await next();
    near.send({ data: new Serialized({}, [Buffer.alloc(1001)]) });
    expect((await far.closed).error).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "frameBytes" });
    await near.closed;
    expect(log.length).toBe(1);
  });

  it("of unread messages stop the reading, not the connection", async () => {
    const { listener, next } = await host("tcp", { limits: { unreadMessages: 10 } });
    const near = await connect(listener.address);
    const far = await next();
    for (let turn = 0; turn < 200; turn++) {
      near.send({ turn, text: "x".repeat(100_000) });
      await new Promise(setImmediate);
    }
    await sleep(100);
    expect(far.counters.messagesReceived).toBeLessThan(150);
    for (let turn = 0; turn < 200; turn++) {
      expect(((await far.read()) as Map<string, unknown>).get("turn")).toBe(turn);
    }
    near.abort();
  });
});

describe("slow and half-gone peers", () => {
  it("a peer that sends byte by byte is understood", async () => {
    const { listener, next } = await host();
    const socket = rawPeer(listener);
    socket.setNoDelay(true);
    const value = new Serialized({ a: 1 }, [Buffer.from("abc"), Buffer.alloc(0)]);
    for (const byte of Buffer.concat([bytesOf(hello), bytesOf({ op: "x", value })])) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    const message = (await (await next()).read()) as Map<string, Serialized>;
    expect(message.get("value")!.frames.map((frame) => frame.length)).toEqual([3, 0]);
  });

  it("a peer that never says hello is cut off in time", async () => {
    const { listener, log } = await host("tcp", { limits: { handshakeTimeoutMs: 50 } });
    const socket = rawPeer(listener);
    await ended(socket);
    await expect.poll(() => log.map((entry) => entry.event)).toEqual(["handshake-failed"]);
    expect(log[0]!.message).toContain("no answer within 50 ms");
  });

  it("a websocket peer that never asks for the upgrade is cut off in time", async () => {
    const { listener } = await host("ws", { limits: { handshakeTimeoutMs: 50 } });
    const socket = rawPeer(listener);
    socket.write("GET / HT");
    await ended(socket);
  });

  it("a long queue may leave slowly after our close", async () => {
    const { listener, next } = await host("tcp", { limits: { closeTimeoutMs: 400 } });
    const socket = rawPeer(listener);
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received % 5 === 0) return;
      socket.pause();
      setTimeout(() => socket.resume(), 2);
    });
    socket.write(bytesOf(hello));
    const connection = await next();
    const payload = new Serialized(
      {},
      Array.from({ length: 30 }, () => Buffer.alloc(2 ** 20)),
    );
    connection.send({ payload });
    const started = performance.now();
    expect((await connection.close()).by).toBe("us");
    await ended(socket);
    expect(received).toBeGreaterThan(30 * 2 ** 20);
    expect(performance.now() - started).toBeGreaterThan(400);
  });

  it("says hello in the very bytes that dask says it, and then that it is ours", async () => {
    const { listener } = await host();
    const socket = rawPeer(listener);
    const first = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(first.toString("hex")).toBe(
      "40000000000000000100000000000000300000000000000084ab636f6d7072657373696f6ec0" +
        "a6707974686f6e93030b02af7069636b6c652d70726f746f636f6c05a461636d6501",
    );
  });

  it("a server that never says hello fails the connect in time", async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    onTestFinished(() => void server.close());
    const address = `tcp://127.0.0.1:${port}`;
    await expect(connect(address, { limits: { handshakeTimeoutMs: 50 } })).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
    });
    await expect(connect(address, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("within 50 ms"),
    });
  });

  it("a peer that ends in the middle of a frame is an error, at a boundary it is not", async () => {
    const { listener, log, next } = await host();
    const whole = bytesOf({ op: "x", data: new Serialized({}, [Buffer.alloc(1000)]) });
    const cut = rawPeer(listener);
    cut.end(Buffer.concat([bytesOf(hello), whole, whole.subarray(0, 500)]));
    const first = await next();
    expect(await first.closed).toMatchObject({ by: "error", error: { code: "WIRE_FORMAT" } });
    expect(((await first.read()) as Map<string, unknown>).get("op")).toBe("x");
    const proper = rawPeer(listener);
    proper.end(Buffer.concat([bytesOf(hello), whole]));
    expect(await (await next()).closed).toMatchObject({ by: "peer" });
    expect(log).toEqual([]);
  });

  it("a peer that ends only its sending side gets what was queued, then the end", async () => {
    const { listener, next } = await host();
    const { host: ip, port } = parseAddress(listener.address);
    const socket = connectTcp({ host: ip, port, allowHalfOpen: true });
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
    });
    socket.write(bytesOf(hello));
    const connection = await next();
    connection.send(Buffer.alloc(1_000_000));
    socket.end();
    const socketEnded = new Promise((resolve) => socket.once("end", resolve));
    expect(await connection.closed).toMatchObject({ by: "peer" });
    await socketEnded;
    expect(received).toBeGreaterThan(1_000_000);
  });

  it("a peer that is reset is an error with node's code as cause", async () => {
    const { listener, next } = await host();
    const socket = rawPeer(listener);
    socket.write(bytesOf(hello));
    const connection = await next();
    socket.resetAndDestroy();
    const info = await connection.closed;
    expect(info).toMatchObject({ by: "error", error: { code: "CONNECTION_CLOSED" } });
    expect(info.error!.cause).toMatchObject({ code: "ECONNRESET" });
  });

  it("a peer that does not end after our close is cut off in time", async () => {
    const { listener, next } = await host("tcp", { limits: { closeTimeoutMs: 50 } });
    const { host: ip, port } = parseAddress(listener.address);
    const socket = connectTcp({ host: ip, port, allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write(bytesOf(hello));
    const connection = await next();
    const started = performance.now();
    expect(await connection.close({ reason: "bye" })).toEqual({ by: "us", reason: "bye" });
    expect(performance.now() - started).toBeLessThan(2000);
    socket.destroy();
  });

  it("messages that come after our close are not delivered", async () => {
    const { listener, next } = await host();
    const socket = rawPeer(listener);
    socket.write(bytesOf(hello));
    const connection = await next();
    const seen: unknown[] = [];
    connection.onMessages((messages) => seen.push(...messages));
    const closing = connection.close();
    socket.write(bytesOf("late"));
    await closing;
    expect(seen).toEqual([]);
  });
});
