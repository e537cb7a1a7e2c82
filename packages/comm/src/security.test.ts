// Mutual TLS: who gets in, who does not, and what the log says about those who do not.
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parseAddress } from "./address.js";
import { connect } from "./connect.js";
import { makeSecurity } from "./fixtures/certificates.js";
import { listen } from "./listen.js";
import type { CommLogEntry, Connection, Listener, Security } from "./types.js";

let security: Security;
let foreign: Security;

beforeAll(async () => {
  security = await makeSecurity();
  foreign = await makeSecurity();
});

async function host(scheme: string) {
  const log: CommLogEntry[] = [];
  const accepted: Connection[] = [];
  const listener: Listener = await listen(`${scheme}://127.0.0.1:0`, {
    security: scheme === "tcp" || scheme === "ws" ? undefined : security,
    limits: { handshakeTimeoutMs: 1000 },
    onConnection: (connection) => accepted.push(connection),
    onLog: (entry) => log.push(entry),
  });
  onTestFinished(async () => {
    for (const connection of accepted) connection.abort();
    await listener.close();
  });
  return { listener, log, accepted };
}

const events = (log: CommLogEntry[]): string[] => log.map((entry) => entry.event);

describe.each(["tls", "wss"])("%s", (scheme) => {
  it("cuts plaintext off at its first byte and logs the remedy", async () => {
    const { listener, log } = await host(scheme);
    const { host: ip, port } = parseAddress(listener.address);
    const socket = connectTcp({ host: ip, port });
    socket.on("error", () => {});
    const over = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.write("G");
    await over;
    expect(events(log)).toEqual(["plaintext-on-tls"]);
    expect(log[0]!.message).toContain(`connect with ${scheme}://`);
  });

  it("sends one small message right after another", async () => {
    const { listener, accepted } = await host(scheme);
    const connection = await connect(listener.address, { security });
    onTestFinished(() => connection.abort());
    await expect.poll(() => accepted.length).toBe(1);
    const took: number[] = [];
    for (let i = 0; i < 61; i++) {
      const startMs = performance.now();
      connection.send("OK");
      await new Promise(setImmediate);
      connection.send({ op: "next" });
      for (let n = 0; n < 2; n++) await accepted[0]!.read();
      accepted[0]!.send("OK");
      await connection.read();
      took.push(performance.now() - startMs);
    }
    // Whoever waits for an acknowledgement first takes 40 ms at least.
    expect(took.sort((a, b) => a - b)[30]).toBeLessThan(35);
  });

  it("refuses a peer of another authority, on both sides", async () => {
    const { listener, log, accepted } = await host(scheme);
    await expect(connect(listener.address, { security: foreign })).rejects.toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("of another cluster"),
    });
    await expect.poll(() => events(log)).toEqual(["tls-failed"]);
    expect(accepted).toEqual([]);
  });

  it("refuses a peer without certificate", async () => {
    const { listener, log, accepted } = await host(scheme);
    const { host: ip, port } = parseAddress(listener.address);
    const socket = connectTls({
      host: ip,
      port,
      ca: security.ca,
      checkServerIdentity: () => undefined,
    });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("close", resolve));
    await expect.poll(() => events(log)).toEqual(["tls-failed"]);
    expect(accepted).toEqual([]);
  });

  it("needs certificates on either side", async () => {
    const { ca, cert } = security;
    for (const incomplete of [undefined, {}, { ca, cert }]) {
      await expect(
        connect(`${scheme}://127.0.0.1:1`, { security: incomplete }),
      ).rejects.toMatchObject({ code: "TLS_REQUIRED" });
      const onConnection = (): void => {};
      await expect(
        listen(`${scheme}://127.0.0.1:0`, { security: incomplete, onConnection }),
      ).rejects.toMatchObject({ code: "TLS_REQUIRED" });
    }
  });
});

describe("mixed up schemes", () => {
  it("tcp to a tls port is told to use tls", async () => {
    const { listener } = await host("tls");
    const plain = listener.address.replace("tls", "tcp");
    await expect(connect(plain, { retry: true })).rejects.toMatchObject({
      code: "TLS_REQUIRED",
      message: expect.stringContaining("write tls://"),
    });
  });

  it("tls to a tcp port is told that the peer speaks no TLS", async () => {
    const { listener, log } = await host("tcp");
    const encrypted = listener.address.replace("tcp", "tls");
    await expect(connect(encrypted, { security })).rejects.toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("does not speak TLS"),
    });
    await expect.poll(() => log.length).toBe(1);
  });

  it("requireEncryption refuses plain transports but memory", async () => {
    const strict = { ...security, requireEncryption: true };
    const onConnection = (): void => {};
    for (const scheme of ["tcp", "ws"]) {
      const address = `${scheme}://127.0.0.1:0`;
      await expect(listen(address, { security: strict, onConnection })).rejects.toMatchObject({
        code: "TLS_REQUIRED",
      });
      await expect(connect(address, { security: strict })).rejects.toMatchObject({
        code: "TLS_REQUIRED",
      });
    }
    const listener = await listen("inproc://", { security: strict, onConnection });
    const connection = await connect(listener.address, { security: strict });
    expect(connection.isOpen).toBe(true);
    connection.abort();
    await listener.close();
  });
});
