// Requests and replies over real sockets: serving, the pool, its bounds and its failures.
import { encodeMessage, Serialized, type WireMap } from "@acme/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "./connect.js";
import type { RpcError } from "./errors.js";
import { listen } from "./listen.js";
import { RpcPool, type RpcPoolOptions } from "./rpc-pool.js";
import { type ServeEnd, serve } from "./rpc-server.js";
import type { RpcHandlers, ServeOptions } from "./rpc-types.js";
import type { CommLogEntry, Connection } from "./types.js";

interface Served {
  address: string;
  connections: Connection[];
  ends: Promise<ServeEnd>[];
  log: CommLogEntry[];
  stop(): Promise<void>;
}

async function served(handlers: RpcHandlers, options: ServeOptions = {}): Promise<Served> {
  const connections: Connection[] = [];
  const ends: Promise<ServeEnd>[] = [];
  const log: CommLogEntry[] = [];
  const listener = await listen("tcp://127.0.0.1:0", {
    onConnection: (connection) => {
      connections.push(connection);
      ends.push(serve(connection, handlers, { onLog: (entry) => log.push(entry), ...options }));
    },
  });
  const stop = async (): Promise<void> => {
    for (const connection of connections) connection.abort();
    await listener.close();
  };
  onTestFinished(stop);
  return { address: listener.address, connections, ends, log, stop };
}

function pooled(options: RpcPoolOptions = {}): RpcPool {
  const pool = new RpcPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("serve", () => {
  it("answers by op, from a Map as from a record, async as sync", async () => {
    const echo = (request: WireMap) => request.get("data");
    const later = async () => {
      await sleep(5);
      return { status: "OK" };
    };
    for (const handlers of [{ echo, later }, new Map<string, typeof echo>([["echo", echo]])]) {
      const { address } = await served(handlers as RpcHandlers);
      const pool = pooled();
      expect(await pool.call(address, { op: "echo", data: [1, "x"] } as { op: string })).toEqual([
        1,
        "x",
      ]);
      if (handlers instanceof Map) continue;
      expect(await pool.call(address, { op: "later" })).toEqual(new Map([["status", "OK"]]));
    }
  });

  it("answers nil for a handler without result", async () => {
    const { address } = await served({ nothing: () => undefined });
    expect(await pooled().call(address, { op: "nothing" })).toBe(null);
  });

  it("tells the caller about a handler that threw", async () => {
    const { address, log } = await served({
      bad: () => {
        throw new TypeError("no such thing");
      },
    });
    const error = (await pooled()
      .call(address, { op: "bad" })
      .catch((caught: unknown) => caught)) as RpcError;
    expect(error).toMatchObject({ code: "RPC_FAILED", op: "bad", address });
    expect(error.remoteText).toBe("TypeError: no such thing");
    expect(error.remoteTraceback).toContain("rpc.test.ts");
    expect((error.exception as Serialized).header.get("serializer")).toBe("acme-error");
    expect(log.map((entry) => entry.event)).toEqual(["request-failed"]);
  });

  it("lets the owner encode errors", async () => {
    const { address } = await served(
      { bad: () => Promise.reject(new Error("x")) },
      {
        encodeError: (error) => Serialized.acme(encodeMessage(`own: ${(error as Error).message}`)),
      },
    );
    const error = await pooled()
      .call(address, { op: "bad" })
      .catch((caught: unknown) => caught);
    expect(((error as RpcError).exception as Serialized).isAcme).toBe(true);
  });

  it("names an unknown op, also one that every object has", async () => {
    const { address } = await served({});
    for (const op of ["fly", "toString", "__proto__"]) {
      await expect(pooled().call(address, { op })).rejects.toMatchObject({
        code: "RPC_FAILED",
        remoteText: expect.stringContaining(JSON.stringify(op)),
      });
    }
  });

  it("tells the caller about a reply that has no wire form, and goes on", async () => {
    const { address } = await served({ bad: () => ({ at: new Date() }), good: () => 1 });
    const pool = pooled();
    await expect(pool.call(address, { op: "bad" })).rejects.toMatchObject({ code: "RPC_FAILED" });
    expect(await pool.call(address, { op: "good" })).toBe(1);
    expect(pool.connectionCount).toBe(1);
  });

  it("gives requests without reply no reply, keeps their order", async () => {
    const seen: unknown[] = [];
    const { address } = await served({
      note: async (request) => {
        await sleep(2);
        seen.push(request.get("n"));
        return "not sent";
      },
      seen: () => seen as number[],
    });
    const connection = await connect(address);
    for (let n = 0; n < 10; n++) connection.send({ op: "note", n, reply: false });
    connection.send({ op: "seen" });
    expect(await connection.read()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    connection.abort();
  });

  it("closes when asked, with the request or by the op close", async () => {
    const { address, ends } = await served({ ping: () => "pong" });
    const first = await connect(address);
    first.send({ op: "ping", close: true });
    expect(await first.read()).toBe("pong");
    expect((await first.closed).by).toBe("peer");
    const second = await connect(address);
    second.send({ op: "close" });
    expect(await second.read()).toBe("OK");
    expect((await second.closed).by).toBe("peer");
    expect(await Promise.all(ends)).toEqual(["closed", "closed"]);
  });

  it.each([[["a", "list"]], [{ no: "op" }], [{ op: 7 }], [null]])(
    "closes a connection whose request is no request: %j",
    async (message) => {
      const { address, log, ends } = await served({});
      const connection = await connect(address);
      connection.send(message as object);
      await connection.closed;
      expect(log.map((entry) => entry.event)).toEqual(["bad-request"]);
      expect(await ends[0]).toBe("closed");
    },
  );

  it("hands a connection over, with what had arrived behind the request", async () => {
    const taken: unknown[] = [];
    const { address, ends } = await served({
      register: async (_request, context) => {
        await sleep(20);
        const connection = context.takeOver();
        connection.send([{ op: "stream-start" }]);
        connection.onMessages((messages) => taken.push(...messages));
        return "not sent";
      },
    });
    const connection = await connect(address);
    connection.send({ op: "register" });
    connection.send("first");
    connection.send("second");
    expect(await connection.read()).toEqual([new Map([["op", "stream-start"]])]);
    connection.send("third");
    await expect.poll(() => taken).toEqual(["first", "second", "third"]);
    expect(await ends[0]).toBe("taken-over");
    connection.abort();
  });

  it("ends a connection whose handler failed after taking it over", async () => {
    const { address, ends, log } = await served({
      register: (_request, context) => {
        context.takeOver();
        throw new Error("registration failed");
      },
    });
    const connection = await connect(address);
    connection.send({ op: "register" });
    await connection.closed;
    expect(await ends[0]).toBe("closed");
    expect(log.map((entry) => entry.event)).toEqual(["request-failed"]);
  });

  it("aborts the handler's signal when the caller is gone", async () => {
    const gone = new Promise<string>((resolve) => {
      void served({
        wait: (_request, { signal }) =>
          new Promise<null>((done) => {
            signal.addEventListener("abort", () => {
              resolve(signal.reason.message);
              done(null);
            });
          }),
      }).then(async ({ address }) => {
        const connection = await connect(address);
        connection.send({ op: "wait" });
        await sleep(20);
        await connection.close();
      });
    });
    expect(await gone).toBe("closed by the peer");
  });
});

describe("confirmation of a reply", () => {
  const data = (acks: boolean[]): RpcHandlers => ({
    get_data: (request, context) => {
      if (request.get("busy")) return { status: "busy" };
      void context.expectAck().then((confirmed) => acks.push(confirmed));
      return { status: "OK", data: new Map() };
    },
    ping: () => "pong",
  });

  it("is sent after an OK, and only then", async () => {
    const acks: boolean[] = [];
    const { address } = await served(data(acks));
    const pool = pooled();
    await pool.call(address, { op: "get_data" }, { acknowledge: true });
    const busy = { op: "get_data", busy: true };
    expect(await pool.call(address, busy, { acknowledge: true })).toEqual(
      new Map([["status", "busy"]]),
    );
    expect(await pool.call(address, { op: "ping" })).toBe("pong");
    expect(acks).toEqual([true]);
    expect(pool.connectionCount).toBe(1);
  });

  it("is reported missing when the caller goes or says something else", async () => {
    const acks: boolean[] = [];
    const { address, log } = await served(data(acks));
    const goes = await connect(address);
    goes.send({ op: "get_data" });
    await goes.read();
    await goes.close();
    await expect.poll(() => acks).toEqual([false]);
    const errs = await connect(address);
    errs.send({ op: "get_data" });
    await errs.read();
    errs.send({ op: "ping" });
    await errs.closed;
    expect(acks).toEqual([false, false]);
    expect(log.at(-1)?.message).toContain('bare "OK"');
  });

  it("is passed over where nobody waits for it", async () => {
    const { address } = await served({ ping: () => ({ status: "OK" }), pong: () => 1 });
    const pool = pooled();
    await pool.call(address, { op: "ping" }, { acknowledge: true });
    expect(await pool.call(address, { op: "pong" })).toBe(1);
  });
});

describe("RpcPool", () => {
  it("keeps connections and uses one per call at a time", async () => {
    const { address, connections } = await served({
      nap: async () => {
        await sleep(20);
        return 1;
      },
    });
    const pool = pooled();
    for (let i = 0; i < 5; i++) await pool.call(address, { op: "nap" });
    expect(connections.length).toBe(1);
    await Promise.all(Array.from({ length: 4 }, () => pool.call(address, { op: "nap" })));
    expect(connections.length).toBe(4);
    expect(pool.connectionCount).toBe(4);
  });

  it("never opens more than its limit, and serves the waiting in order", async () => {
    let open = 0;
    let most = 0;
    const order: number[] = [];
    const handlers: RpcHandlers = {
      nap: async (request) => {
        most = Math.max(most, ++open);
        order.push(request.get("i") as number);
        await sleep(3);
        open -= 1;
        return null;
      },
    };
    const servers = [await served(handlers), await served(handlers)];
    const pool = pooled({ limits: { poolConnections: 2 } });
    const calls = Array.from({ length: 20 }, (_, i) =>
      pool.call(servers[i % 2]!.address, { op: "nap", i } as { op: string }),
    );
    await Promise.all(calls);
    expect(most).toBe(2);
    expect(pool.connectionCount).toBeLessThanOrEqual(2);
    const displaced = order.map((i, place) => Math.abs(i - place));
    expect(Math.max(...displaced)).toBeLessThanOrEqual(2);
  });

  it("gives up an idle connection for another address", async () => {
    const servers = [await served({ a: () => 1 }), await served({ a: () => 2 })];
    const pool = pooled({ limits: { poolConnections: 1 } });
    expect(await pool.call(servers[0]!.address, { op: "a" })).toBe(1);
    expect(await pool.call(servers[1]!.address, { op: "a" })).toBe(2);
    expect(await pool.call(servers[0]!.address, { op: "a" })).toBe(1);
    expect(pool.connectionCount).toBe(1);
  });

  it("bounds how many calls wait", async () => {
    const { address } = await served({ never: () => new Promise<null>(() => {}) });
    const pool = pooled({ limits: { poolConnections: 1, poolWaiting: 1 } });
    const calls = [1, 2, 3].map(() => pool.call(address, { op: "never" }));
    await expect(calls[2]).rejects.toMatchObject({ code: "LIMIT_EXCEEDED", limit: "poolWaiting" });
    const rest = Promise.allSettled(calls.slice(0, 2));
    await pool.close();
    expect((await rest).map((one) => one.status)).toEqual(["rejected", "rejected"]);
  });

  it("times out, drops that connection and works on", async () => {
    const { address, connections } = await served({
      never: () => new Promise<null>(() => {}),
      ping: () => "pong",
    });
    const pool = pooled();
    expect(await pool.call(address, { op: "ping" })).toBe("pong");
    await expect(pool.call(address, { op: "never" }, { timeoutMs: 30 })).rejects.toMatchObject({
      code: "RPC_TIMEOUT",
      timeoutMs: 30,
      message: expect.stringContaining("did not answer never within 30 ms"),
    });
    expect((await connections[0]!.closed).by).not.toBe("us");
    expect(pool.connectionCount).toBe(0);
    expect(await pool.call(address, { op: "ping" }, { timeoutMs: 1000 })).toBe("pong");
  });

  it("aborts by signal: before, while waiting for a place, while waiting for a reply", async () => {
    const { address } = await served({ never: () => new Promise<null>(() => {}) });
    const pool = pooled({ limits: { poolConnections: 1 } });
    const before = AbortSignal.abort();
    await expect(pool.call(address, { op: "never" }, { signal: before })).rejects.toMatchObject({
      code: "RPC_ABORTED",
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const replying = pool.call(address, { op: "never" }, { signal: one.signal });
    const waiting = pool.call(address, { op: "never" }, { signal: two.signal });
    await sleep(30);
    two.abort();
    await expect(waiting).rejects.toMatchObject({ code: "RPC_ABORTED" });
    one.abort();
    await expect(replying).rejects.toMatchObject({ code: "RPC_ABORTED", op: "never" });
    expect(pool.connectionCount).toBe(0);
  });

  it("fails calls in flight when the server dies, and drops idle connections", async () => {
    const server = await served({ never: () => new Promise<null>(() => {}), ping: () => 1 });
    const pool = pooled();
    await Promise.all([1, 2].map(() => pool.call(server.address, { op: "ping" })));
    const call = pool.call(server.address, { op: "never" });
    await sleep(10);
    const failed = expect(call).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await server.stop();
    await failed;
    await expect.poll(() => pool.connectionCount).toBe(0);
    await expect(pool.call(server.address, { op: "ping" })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
  });

  it("forgets a peer: calls to it fail at once, others go on", async () => {
    let arrived = () => {};
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const never = () => {
      arrived();
      return new Promise<null>(() => {});
    };
    const gone = await served({ never });
    const other = await served({ ping: () => 1 });
    const pool = pooled();
    const call = pool.call(gone.address, { op: "never" });
    await hasArrived;
    pool.forget(gone.address);
    await expect(call).rejects.toMatchObject({ reason: "the peer is known to be gone" });
    expect(await pool.call(other.address, { op: "ping" })).toBe(1);
    expect(pool.connectionCount).toBe(1);
  });

  it("does not take a message that nobody asked for as a reply", async () => {
    const server = await served({ ping: () => "pong" });
    const pool = pooled();
    await pool.call(server.address, { op: "ping" });
    server.connections[0]!.send("surprise");
    await sleep(30);
    expect(await pool.call(server.address, { op: "ping" })).toBe("pong");
    expect(server.connections.length).toBe(2);
  });

  it("refuses a request without wire form before it takes a connection", async () => {
    const pool = pooled();
    const request = { op: "x", f: () => 1 };
    await expect(pool.call("tcp://127.0.0.1:1", request)).rejects.toMatchObject({
      code: "WIRE_FORMAT",
    });
    expect(pool.connectionCount).toBe(0);
  });

  it("frees its place when connecting fails", async () => {
    const pool = pooled({ limits: { poolConnections: 1 } });
    for (let i = 0; i < 3; i++) {
      await expect(pool.call("inproc://nobody", { op: "x" })).rejects.toMatchObject({
        code: "CONNECT_FAILED",
      });
    }
    expect(pool.connectionCount).toBe(0);
  });

  it("refuses calls once closed", async () => {
    const pool = new RpcPool();
    await pool.close();
    await expect(pool.call("tcp://127.0.0.1:1", { op: "x" })).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
    });
  });
});
