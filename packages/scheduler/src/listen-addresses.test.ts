// What people write after --host, --port and --protocol, and where the scheduler then listens.
import { expect, it } from "vitest";
import { listenAddresses } from "./listen-addresses.js";

const addresses = (hosts: string[], protocols = ["tcp"], ports: string[] = []) =>
  listenAddresses({ hosts, protocols, ports });

it("listens on this machine only, at dask's port, unless told otherwise", () => {
  expect(addresses([])).toEqual(["tcp://127.0.0.1:8786"]);
  expect(addresses([], ["tls"], ["0"])).toEqual(["tls://127.0.0.1:0"]);
});

it("takes names, addresses and URIs as hosts, several of them", () => {
  expect(addresses(["node1", "10.0.0.1:9000", "::1", "[::1]:7", "ws://node2"])).toEqual([
    "tcp://node1:8786",
    "tcp://10.0.0.1:9000",
    "tcp://[::1]:8786",
    "tcp://[::1]:7",
    "ws://node2:8786",
  ]);
  expect(addresses(["tcp://", "tls://:99"])).toEqual(["tcp://:8786", "tls://:99"]);
});

it("pairs lists of protocols and ports", () => {
  const both = ["tcp://127.0.0.1:8786", "ws://127.0.0.1:0"];
  expect(addresses([], ["tcp", "ws"])).toEqual(both);
  expect(addresses([], ["tcp", "ws"], ["8786", "0"])).toEqual(both);
  expect(() => addresses([], ["tcp", "ws"], ["1"])).toThrow(/--protocol and --port/);
});

it.each(["-1", "65536", "8786x", "1e3", ""])("refuses the port %j by name of the flag", (port) => {
  expect(() => addresses([], ["tcp"], [port])).toThrow(/--port/);
});

it("refuses hosts that are none, and ports that contradict each other", () => {
  expect(() => addresses(["a:b"])).toThrow(/--host/);
  expect(() => addresses(["node1:1"], ["tcp"], ["2"])).toThrow(/different ports/);
  expect(addresses(["node1:2"], ["tcp"], ["2"])).toEqual(["tcp://node1:2"]);
});
