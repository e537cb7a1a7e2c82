// Goal: a peer without credentials reaches no op on any port. Method: a real cluster over tls and
// wss; at each port of scheduler, workers and nannies every approach, with all ops; then the same
// question with the credentials, which must be answered.
import { nannyRequest, schedulerRequest, type WireMap, workerRequest } from "@acme/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ClusterSite, type Port } from "./cluster-site.js";
import { approaches, intrude } from "./intruder.js";

const ops = [...schedulerRequest.ops, ...workerRequest.ops, ...nannyRequest.ops];
/** With which TLS answers what is no TLS. */
const alert = Buffer.of(0x15, 0x03, 0x01, 0, 2, 2, 70);
let site: ClusterSite;
let ports: Port[];

beforeAll(async () => {
  site = await ClusterSite.start("fortress", "--protocol", "tls,wss", "--port", "0,0");
  await site.startWorkers(1);
  await site.startWorkers(1, "--protocol", "wss");
  ports = await site.ports();
});
afterAll(() => site?.[Symbol.asyncDispose]());

it("has ports of every kind, and all answer those who belong here", async () => {
  expect(ports.map(({ what, address }) => `${what} ${address.slice(0, 3)}`).sort()).toEqual([
    "nanny tls",
    "nanny wss",
    "scheduler tls",
    "scheduler wss",
    "worker tls",
    "worker wss",
  ]);
  for (const { what, address } of ports) {
    const identity = await site.ask<WireMap>(address);
    expect(String(identity.get("type")).toLowerCase()).toBe(what);
  }
});

it.each(Object.entries(approaches))("lets nobody in %s", async (_, tls) => {
  for (const { address } of ports) {
    const { received, tookMs } = await intrude(address, tls, ops);
    expect(received, address).toEqual(tls === undefined ? alert : Buffer.alloc(0));
    expect(tookMs).toBeLessThan(5_000);
  }
});

it("has lost nobody and taken nobody in, and says who was refused and why", async () => {
  expect(await site.ports()).toEqual(ports);
  const { clients } = Object.fromEntries(
    await site.ask<Map<string, unknown>>(ports[0]!.address, { op: "identity" }),
  );
  expect(JSON.stringify(clients ?? [])).not.toContain("intruder");
  expect(site.said.match(/it speaks no TLS; it must connect with tls:\/\//g)).toHaveLength(3);
  expect(site.said.match(/it speaks no TLS; it must connect with wss:\/\//g)).toHaveLength(3);
  expect(site.said.match(/it has no certificate/g)).toHaveLength(6);
  expect(site.said.match(/its certificate is of another cluster/g)).toHaveLength(6);
  expect(site.said.match(/its certificate has expired/g)).toHaveLength(6);
});
