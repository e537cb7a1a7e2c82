// Goal: two sides whose certificates do not fit are told why, each on its own side, at once.
// Method: real connections with certificates made for the purpose, and clocks that differ.
import { type CommLogEntry, connect, listen } from "@acme/comm";
import { isAcmeError } from "@acme/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Certificates, makeCertificates } from "./certificates.js";

const hourMs = 3_600_000;
const nowMs = Date.now();
const good = makeCertificates("good");
const expired = makeCertificates("old", { fromMs: nowMs - 3 * hourMs, untilMs: nowMs - hourMs });
const early = makeCertificates("early", {
  fromMs: nowMs + 2 * hourMs,
  untilMs: nowMs + 9 * hourMs,
});

/** Connects with retries, as clients do, and gives what each side says. */
async function meet(scheme: string, server: Certificates, client: Certificates) {
  const log: CommLogEntry[] = [];
  const listener = await listen(`${scheme}://127.0.0.1:0`, {
    security: server,
    onConnection: (connection) => connection.abort(),
    onLog: (entry) => log.push(entry),
  });
  onTestFinished(() => listener.close());
  const sinceMs = performance.now();
  const connecting = connect(listener.address, { security: client, retry: true, timeoutMs: 1500 });
  const error = await connecting.then(
    (connection) => connection.abort(),
    (reason: unknown) => reason,
  );
  await expect.poll(() => log.length).toBeGreaterThan(0);
  return { error: error as Error, said: log[0]?.message, tookMs: performance.now() - sinceMs };
}

describe.each(["tls", "wss"])("over %s", (scheme) => {
  it.each([
    ["another cluster", good, makeCertificates("good"), /is of another cluster/],
    ["expired", expired, expired, /has expired: start the scheduler again.*clock/],
    ["not valid for two hours", early, early, /is not valid yet.*clock/],
  ])("certificate of the scheduler: %s", async (_, server, client, said) => {
    const met = await meet(scheme, server, client);
    expect(isAcmeError(met.error, "TLS_FAILED")).toBe(true);
    expect(met.error.message).toMatch(said);
    expect(met.tookMs).toBeLessThan(1000);
    expect(met.said).toMatch(/hung up/);
  });

  it.each([
    ["another cluster", { ...makeCertificates("x"), ca: good.ca }, /is of another cluster/, /log/],
    ["expired", { ...expired, ca: good.ca }, /has expired/, /expired at/],
    ["not valid for two hours", { ...early, ca: good.ca }, /not valid yet/, /valid from/],
  ])("certificate of the peer: %s", async (_, client, serverSays, clientSays) => {
    const { error, said } = await meet(scheme, { ...good, ca: client.ca }, client);
    expect(said).toMatch(serverSays);
    expect(error.message).toMatch(clientSays);
  });
});

it("does not mind a clock that is an hour behind", async () => {
  const fiftyNineMinutesMs = 59 * 60_000;
  const ahead = nowMs + fiftyNineMinutesMs;
  const fresh = makeCertificates("ahead", { fromMs: ahead - hourMs, untilMs: ahead + hourMs });
  const listener = await listen("tls://127.0.0.1:0", { security: fresh, onConnection: () => {} });
  onTestFinished(() => listener.close());
  const connection = await connect(listener.address, { security: fresh });
  expect(connection.isOpen).toBe(true);
  connection.abort();
});

it.each([
  ["tcp", "tls", /write tls:\/\//],
  ["ws", "wss", /write wss:\/\//],
])("tells a client that comes with %s to %s within a second", async (plain, scheme, said) => {
  const log: CommLogEntry[] = [];
  const listener = await listen(`${scheme}://127.0.0.1:0`, {
    security: good,
    onConnection: () => {},
    onLog: (entry) => log.push(entry),
  });
  onTestFinished(() => listener.close());
  const sinceMs = performance.now();
  const address = listener.address.replace(scheme, plain);
  await expect(connect(address, { retry: true, timeoutMs: 20_000 })).rejects.toThrow(said);
  expect(performance.now() - sinceMs).toBeLessThan(1000);
  expect(log.map(({ event }) => event)).toEqual(["plaintext-on-tls"]);
});
