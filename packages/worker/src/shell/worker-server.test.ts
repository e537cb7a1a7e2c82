// A worker in this process against a real scheduler: it registers, is refused, and leaves nothing
// open. Tasks run elsewhere in the tests.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, connect, type Listener, listen, RpcPool } from "@acme/comm";
import { encodeMessage, Serialized } from "@acme/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { WorkerServerOptions } from "./worker-options.js";
import { startWorker } from "./worker-server.js";

let folder: string;
let pool: RpcPool;
let scheduler: Listener;
/** Streams of the workers that registered here. */
let streams: Connection[];
let refuse: string | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "acme-worker-server-"));
  pool = new RpcPool();
  streams = [];
  refuse = undefined;
  scheduler = await listen("tcp://127.0.0.1:0", { onConnection: (c) => void accept(c) });
});
afterEach(async () => {
  await pool.close();
  await scheduler.close();
  for (const stream of streams) stream.abort();
  rmSync(folder, { recursive: true, force: true });
});

/** As much of a scheduler as a worker needs to register and beat. */
async function accept(connection: Connection): Promise<void> {
  for (;;) {
    const request = (await connection.read().catch(() => null)) as Map<string, unknown> | null;
    if (request === null) return;
    if (request.get("op") !== "register-worker") connection.send({ status: "OK" });
    else if (refuse !== undefined) connection.send({ status: "error", message: refuse });
    else {
      connection.send({ status: "OK", "heartbeat-interval": 10, acme: 1 });
      streams.push(connection);
      return;
    }
  }
}

const options = (): WorkerServerOptions => ({
  scheduler: scheduler.address,
  listen: "tcp://127.0.0.1:0",
  name: "w",
  nthreads: 1,
  memoryLimitBytes: 1e9,
  localDirectory: folder,
  resources: {},
  nanny: null,
  logLevel: "silent",
});

const value = (bytes: number) =>
  new Serialized({ serializer: "acme" }, encodeMessage([new Uint8Array(bytes)]));

it("keeps values for its peers, and ends with everything closed", async () => {
  const worker = await startWorker(options());
  const data = new Map([["x", value(100_000)]]);
  const update = { op: "update_data", data };
  const kept = (await pool.call(worker.address, update)) as Map<string, never>;
  expect(kept.get("status")).toBe("OK");
  const request = { op: "get_data", keys: ["x", "y"], who: null };
  const got = await pool.call(worker.address, request, { acknowledge: true });
  const values = (got as Map<string, Map<string, Serialized>>).get("data");
  expect([...(values?.keys() ?? [])]).toEqual(["x"]);
  const held = await connect(worker.address);
  worker.leave(0, "the test is over");
  expect(await worker.ended).toMatchObject({ exitCode: 0 });
  await held.closed;
  await expect(connect(worker.address)).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  expect(readdirSync(folder)).toEqual([]);
});

it("rejects with the scheduler's reason, and closes what it opened", async () => {
  refuse = "the name w is taken";
  const start = startWorker(options());
  await expect(start).rejects.toMatchObject({
    code: "REGISTRATION_REFUSED",
    message: expect.stringMatching(/the name w is taken$/),
  });
});

it("registers again when the connection is lost, and says so each time", async () => {
  let times = 0;
  const worker = await startWorker(options(), { onRegistered: () => times++ });
  streams[0]?.abort("lost");
  await expect.poll(() => streams.length).toBe(2);
  await expect.poll(() => times).toBe(2);
  streams[1]?.send([{ op: "close", reason: "over" }]);
  expect((await worker.ended).exitCode).toBe(0);
});

it("ends when it is refused on its way back", async () => {
  const worker = await startWorker(options());
  refuse = "not you again";
  streams[0]?.abort("lost");
  expect(await worker.ended).toMatchObject({
    exitCode: 78,
    message: expect.stringMatching(/not you again/),
  });
});

it("can be stopped while it looks for a scheduler that is not there", async () => {
  const nobody = { ...options(), scheduler: "tcp://127.0.0.1:1" };
  const stop = new AbortController();
  const start = startWorker(nobody, { signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  await expect(start).rejects.toThrow();
  await expect(startWorker({ ...nobody, deathTimeoutMs: 50 })).rejects.toMatchObject({
    code: "SCHEDULER_LOST",
  });
});

it("takes the first free address of several, and advertises the one it is told to", async () => {
  const taken = scheduler.address;
  const worker = await startWorker({
    ...options(),
    listen: [taken, "tcp://127.0.0.1:0"],
    contactAddress: "tcp://localhost",
  });
  expect(worker.address).toMatch(/^tcp:\/\/localhost:\d+$/);
  expect(await pool.call(worker.address, { op: "ping" })).toBe("pong");
  worker.leave(0, "the test is over");
  await worker.ended;
  await expect(startWorker({ ...options(), listen: [taken] })).rejects.toMatchObject({
    code: "LISTEN_FAILED",
  });
});

it("fails a fetch at once when the scheduler says that the peer is gone", async () => {
  const silent = await listen("tcp://127.0.0.1:0", { onConnection: () => {} });
  const worker = await startWorker(options());
  const request = { op: "gather", who_has: new Map([["x", [silent.address]]]) };
  const gathered = pool.call(worker.address, request);
  await new Promise((resolve) => setTimeout(resolve, 100));
  streams[0]?.send([{ op: "remove-worker", worker: silent.address, stimulus_id: "s" }]);
  const reply = (await gathered) as Map<string, unknown>;
  expect([reply.get("status"), reply.get("keys")]).toEqual(["partial-fail", ["x"]]);
  worker.leave(0, "the test is over");
  await worker.ended;
  await silent.close();
  expect(existsSync(folder)).toBe(true);
});
