// What every transport must do, over real sockets.
import { createHash, randomFillSync } from "node:crypto";
import { Serialized, WireFormatError } from "@acme/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { connect } from "./connect.js";
import { makeSecurity } from "./fixtures/certificates.js";
import { connectedPair, gatherMessages, type Pair } from "./fixtures/pair.js";
import { listen } from "./listen.js";
import type { Security } from "./types.js";

const MiB = 2 ** 20;
let security: Security;

beforeAll(async () => {
  security = await makeSecurity();
});

const addresses = [
  "tcp://127.0.0.1:0",
  "tls://127.0.0.1:0",
  "ws://127.0.0.1:0",
  "wss://127.0.0.1:0",
  "inproc://",
];

describe.each(addresses)("%s", (address) => {
  const pair = (): Promise<Pair> =>
    connectedPair(address, { near: { security }, far: { security } });

  it("connects and says where both ends are", async () => {
    const { near, far, listener } = await pair();
    expect(near.peerAddress).toBe(listener.address);
    expect(far.localAddress).toBe(listener.address);
    expect(far.peerAddress).toBe(near.localAddress);
    expect(near.isOpen && far.isOpen).toBe(true);
    expect(near.isAcmePeer && far.isAcmePeer).toBe(true);
    if (address !== "inproc://") {
      expect(listener.address).toMatch(/^(tcp|tls|ws|wss):\/\/127\.0\.0\.1:[1-9]\d+$/);
    }
  });

  it("carries messages both ways in order", async () => {
    const { near, far } = await pair();
    near.send({ op: "a", n: 1 });
    near.send(["b", null, true, 2.5]);
    far.send("OK");
    expect(await far.read()).toEqual(
      new Map<string, unknown>([
        ["op", "a"],
        ["n", 1],
      ]),
    );
    expect(await far.read()).toEqual(["b", null, true, 2.5]);
    expect(await near.read()).toBe("OK");
  });

  it("delivers thousands of messages of one turn in few batches, in order", async () => {
    const { near, far } = await pair();
    const arrived = gatherMessages(far, 5000);
    for (let i = 0; i < 5000; i++) near.send({ op: "count", i });
    const batches = await arrived;
    const numbers = batches.flat().map((message) => (message as Map<string, number>).get("i"));
    expect(numbers).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    expect(batches.length).toBeLessThan(100);
  });

  it("carries 64 MiB unharmed, into memory of the receiver's choice", async () => {
    const taken: number[] = [];
    const allocate = (bytes: number): Uint8Array => {
      taken.push(bytes);
      return new Uint8Array(new SharedArrayBuffer(bytes));
    };
    const options = { security, allocate };
    const { near, far } = await connectedPair(address, { near: options, far: options });
    const payload = randomFillSync(Buffer.allocUnsafe(64 * MiB));
    const expected = createHash("sha1").update(payload).digest("hex");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      taken.length = 0;
      const value = new Serialized({ serializer: "dask" }, [payload, Buffer.from("tail")]);
      from.send({ status: "OK", data: new Map([["x", value]]) });
      const reply = (await to.read()) as Map<string, Map<string, Serialized>>;
      const frames = reply.get("data")!.get("x")!.frames;
      expect(frames.length).toBe(2);
      expect(createHash("sha1").update(frames[0]!).digest("hex")).toBe(expected);
      expect(Buffer.from(frames[1]!).toString()).toBe("tail");
      if (address === "inproc://") continue;
      expect(taken).toEqual([64 * MiB]);
      expect(frames[0]!.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });

  it("forwards a payload as the same bytes", async () => {
    const { near, far } = await pair();
    const value = new Serialized({ serializer: "acme", note: "x" }, [Buffer.from("12345")]);
    near.send({ value });
    const first = (await far.read()) as Map<string, Serialized>;
    far.send({ value: first.get("value")! });
    const second = (await near.read()) as Map<string, Serialized>;
    expect(Buffer.from(second.get("value")!.headerBytes)).toEqual(Buffer.from(value.headerBytes));
    expect(second.get("value")!.frames.map((frame) => Buffer.from(frame).toString())).toEqual([
      "12345",
    ]);
  });

  it("sends what is queued before it closes, and tells both sides why", async () => {
    const { near, far } = await pair();
    for (let i = 0; i < 100; i++) near.send(i);
    const info = await near.close({ reason: "done here" });
    expect(info).toEqual({ by: "us", reason: "done here" });
    for (let i = 0; i < 100; i++) expect(await far.read()).toBe(i);
    await expect(far.read()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    expect((await far.closed).by).toBe("peer");
    expect(() => near.send(1)).toThrow(expect.objectContaining({ code: "CONNECTION_CLOSED" }));
  });

  it("ends at once when aborted", async () => {
    const { near, far } = await pair();
    const waiting = expect(near.read()).rejects.toMatchObject({ reason: "enough" });
    near.abort("enough");
    await waiting;
    expect(await near.closed).toEqual({ by: "us", reason: "enough" });
    await far.closed;
    expect(far.isOpen).toBe(false);
  });

  it("refuses a message without wire form before anything is queued", async () => {
    const { near, far } = await pair();
    const queued = near.writableLength;
    expect(() => near.send({ op: "x", at: new Date() })).toThrow(WireFormatError);
    expect(near.writableLength).toBe(queued);
    near.send("next");
    expect(await far.read()).toBe("next");
  });

  it("stalls a fast sender until the receiver reads, and loses nothing", async () => {
    const { near, far } = await pair();
    const block = Buffer.alloc(MiB, 7);
    for (let i = 0; i < 100; i++) near.send({ i, block: new Serialized({}, [block]) });
    expect(near.writableLength).toBeGreaterThan(90 * MiB);
    let isDrained = false;
    const drained = near.drained().then(() => {
      isDrained = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isDrained).toBe(address === "inproc://" ? isDrained : false);
    for (let i = 0; i < 100; i++) {
      expect(((await far.read()) as Map<string, number>).get("i")).toBe(i);
    }
    await drained;
    expect(near.writableLength).toBeLessThanOrEqual(MiB);
  });

  it("closes a connection whose queue is over the limit", async () => {
    const limits = { queuedBytes: 4 * MiB };
    const { near, far, log } = await connectedPair(address, {
      near: { security, limits },
      far: { security },
    });
    far.pause();
    const block = new Serialized({}, [Buffer.alloc(2 * MiB)]);
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 1000; i++) {
        near.send({ block });
        await new Promise(setImmediate);
      }
    };
    await expect(flood()).rejects.toMatchObject({ code: "LIMIT_EXCEEDED", limit: "queuedBytes" });
    expect((await near.closed).error).toMatchObject({ limit: "queuedBytes" });
    expect(log.map((entry) => entry.event)).toEqual(["queue-full"]);
  });

  it("counts bytes and messages on both sides alike", async () => {
    const { near, far } = await pair();
    near.send({ op: "x" });
    await far.read();
    expect(near.counters.messagesSent).toBe(2);
    expect(far.counters.messagesReceived).toBe(2);
    expect(far.counters.bytesReceived).toBe(near.counters.bytesSent);
  });

  it("gives the callback first what had arrived before it was set", async () => {
    const { near, far } = await pair();
    for (let i = 0; i < 10; i++) near.send(i);
    expect(await far.read()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const arrived = gatherMessages(far, 19);
    for (let i = 10; i < 20; i++) near.send(i);
    expect((await arrived).flat()).toEqual(Array.from({ length: 19 }, (_, i) => i + 1));
  });
});

describe("connecting", () => {
  it("fails with the remedy where nobody listens", async () => {
    const listener = await listen("tcp://127.0.0.1:0", { onConnection: () => {} });
    await listener.close();
    await expect(connect(listener.address)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("nobody listens there"),
    });
    await expect(connect(listener.address.replace("tcp", "ws"))).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
    await expect(connect("inproc://nobody")).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  });
});
