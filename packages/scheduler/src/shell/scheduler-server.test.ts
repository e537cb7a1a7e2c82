// A scheduler as peers meet it over real sockets: what they send that makes no sense, what they
// leave open, and how it ends.
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, listen, RpcPool, serve } from "@acme/comm";
import { Serialized } from "@acme/protocol";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { type SchedulerServer, startScheduler } from "./scheduler-server.js";

let scheduler: SchedulerServer;
let pool: RpcPool;

beforeEach(async () => {
  scheduler = await startScheduler({ logLevel: "silent", validate: true });
  pool = new RpcPool();
});
afterEach(async () => {
  await pool.close();
  await scheduler.close();
});

const registration = (address: string, name: string) => ({
  op: "register-worker",
  reply: false,
  address,
  status: "running",
  nthreads: 1,
  name,
  now: 0,
  resources: {},
  memory_limit: null,
  local_directory: "",
  services: {},
  nanny: null,
  metrics: {},
  extra: { lang: "js", acme: 1 },
  stimulus_id: "s",
  server_id: `Worker-${name}`,
});

/** A worker that registered and says nothing more. */
async function quietWorker(name: string, address = `tcp://127.0.0.1:1${name.length}`) {
  const connection = await connect(scheduler.address);
  connection.send(registration(address, name));
  const reply = (await connection.read()) as Map<string, unknown>;
  return { connection, reply };
}

const ops = (message: unknown): unknown[] =>
  (message as Map<string, unknown>[]).map((one) => one.get("op"));

const workers = async () =>
  ((await pool.call(scheduler.address, { op: "ncores" })) as Map<string, number>).size;

it("tells in a few words which workers there are, and nothing twice", async () => {
  await quietWorker("one", "tcp://127.0.0.1:11");
  const sights = async (version?: string) => {
    const request = { op: "worker_sights", ...(version !== undefined && { version }) };
    const reply = (await pool.call(scheduler.address, request)) as Map<string, unknown>;
    return { version: reply.get("version") as string, workers: reply.get("workers") };
  };
  const first = await sights();
  expect(first.workers).toEqual([["tcp://127.0.0.1:11", "one", "running", 0, 0]]);
  expect(await sights(first.version)).toEqual({ ...first, workers: null });
  await quietWorker("other", "tcp://127.0.0.1:12");
  expect((await sights(first.version)).workers).toHaveLength(2);
});

it("tells an adaptive cluster what it wants, in dask's words", async () => {
  await quietWorker("7_0-0");
  await quietWorker("7_0-10");
  const ask = (request: object) => pool.call(scheduler.address, request as never);
  expect(await ask({ op: "adaptive_target", target_duration: "5s" })).toBe(0);
  const close = { op: "workers_to_close", key: null, attribute: "name" };
  expect(await ask({ ...close, target: 1 })).toEqual(["7_0-0"]);
  expect(await ask({ ...close, key: "job", target: 1 })).toEqual([]);
  expect(await ask({ ...close, key: "job" })).toEqual(["7_0-0", "7_0-10"]);
  await expect(ask({ ...close, key: "colour" })).rejects.toThrow(/key/);
});

it("answers a registration before anything else on its link", async () => {
  await quietWorker("one");
  const { reply } = await quietWorker("other");
  expect(reply.get("status")).toBe("OK");
});

it("refuses a taken name with a reply, then closes", async () => {
  await quietWorker("one", "tcp://127.0.0.1:1");
  const { connection, reply } = await quietWorker("one", "tcp://127.0.0.1:2");
  expect(reply.get("status")).toBe("error");
  expect(reply.get("message")).toMatch(/the name one is taken/);
  await connection.closed;
  expect(await workers()).toBe(1);
});

it("closes a stream with a malformed batch, and only that one", async () => {
  const bad = await quietWorker("bad");
  const good = await quietWorker("good-one");
  bad.connection.send([{ op: "task-finished", key: 7 }]);
  await bad.connection.closed;
  await expect.poll(workers).toBe(1);
  expect(good.connection.isOpen).toBe(true);
});

it("ignores ops it does not know", async () => {
  const { connection } = await quietWorker("one");
  connection.send([{ op: "from-the-future", x: 1 }]);
  await sleep(20);
  expect(connection.isOpen).toBe(true);
});

it("survives garbage, half a handshake, and requests without an op", async () => {
  const { port } = new URL(scheduler.address.replace("tcp", "http"));
  for (const bytes of ["GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0\0\u0001", "\u00ff".repeat(64)]) {
    const socket = connectSocket(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(bytes);
    setTimeout(() => socket.destroy(), 50);
  }
  const odd = await connect(scheduler.address);
  odd.send({ no: "op" });
  await odd.closed;
  expect(await workers()).toBe(0);
});

it("tells a peer about an op that does not exist", async () => {
  const call = pool.call(scheduler.address, { op: "run_function" });
  await expect(call).rejects.toMatchObject({ code: "RPC_FAILED" });
});

it("ends in order after a scatter with a timeout that is none", async () => {
  const data = new Map([["a", Serialized.acme([])]]);
  const request = { op: "scatter", data, client: "c", timeout: "soon" };
  const call = pool.call(scheduler.address, request as never);
  await expect(call).rejects.toThrow(/"soon" is not a duration/);
  // What waits when it ends is refused; nobody would take a refusal of that request.
  await scheduler.close();
  expect(await scheduler.ended).not.toHaveProperty("error");
  await new Promise((resolve) => setImmediate(resolve));
});

it("gives versions in dask's shape, and its time, from which a difference of clocks is seen", async () => {
  const reply = (await pool.call(scheduler.address, { op: "versions" })) as Map<string, unknown>;
  expect([...reply.keys()]).toEqual(["host", "packages", "time"]);
  expect(Math.abs((reply.get("time") as number) - Date.now() / 1000)).toBeLessThan(10);
});

it("reports what a broadcast could not reach as it was asked to", async () => {
  await quietWorker("one", "tcp://127.0.0.1:1");
  const request = { op: "broadcast", msg: { op: "identity" } };
  const ask = (fields: object) => pool.call(scheduler.address, { ...request, ...fields } as never);
  await expect(ask({})).rejects.toThrow(/tcp:\/\/127.0.0.1:1 did not answer/);
  expect(((await ask({ on_error: "return" })) as Map<string, string>).size).toBe(1);
  expect(await ask({ on_error: "ignore" })).toEqual(new Map());
  expect(await ask({ nanny: true })).toEqual(new Map());
});

it("gives the words of a worker that fails at a broadcast, and none of its own", async () => {
  const failing = await listen("tcp://127.0.0.1:0", {
    onConnection: (connection) => {
      const fail = () => {
        throw new TypeError("not like this");
      };
      void serve(connection, new Map([["fail", fail]]));
    },
  });
  onTestFinished(() => failing.close());
  await quietWorker("one", failing.address);
  const request = { op: "broadcast", msg: { op: "fail" } };
  const ask = (fields: object) =>
    pool.call(scheduler.address, { ...request, workers: ["one"], ...fields } as never);
  const words = "TypeError: not like this";
  await expect(ask({})).rejects.toMatchObject({ remoteText: `ForwardError: ${words}` });
  const returned = (await ask({ on_error: "return" })) as Map<string, string>;
  expect([...returned.values()]).toEqual([words]);
});

it("ends on `terminate` though connections are open, and takes its workers along", async () => {
  const { connection } = await quietWorker("one");
  const idle: Connection = await connect(scheduler.address);
  expect(await pool.call(scheduler.address, { op: "terminate" })).toBe("OK");
  expect(await scheduler.ended).toMatchObject({ reason: expect.stringMatching(/terminate/) });
  const messages: unknown[] = [];
  while (connection.unreadCount > 0) messages.push(...ops(await connection.read()));
  expect(messages).toContain("close");
  await idle.closed;
  await expect(connect(scheduler.address)).rejects.toMatchObject({ code: "CONNECT_FAILED" });
});

it("tells our clients that it ends, and only lets go of Python's, which then seek it again", async () => {
  const client = async (acme: number | undefined) => {
    const connection = await connect(scheduler.address);
    const versions = { host: {}, packages: {} };
    const fields = { client: `c-${acme}`, versions, ...(acme === undefined ? {} : { acme }) };
    connection.send({ op: "register-client", reply: false, ...fields });
    await connection.read();
    return connection;
  };
  const [ours, python] = [await client(1), await client(undefined)];
  await scheduler.close();
  const told = async (connection: Connection) => {
    await connection.closed;
    const messages: unknown[] = [];
    while (connection.unreadCount > 0) messages.push(...ops(await connection.read()));
    return messages;
  };
  expect([await told(ours), await told(python)]).toEqual([["stream-closed"], []]);
});
