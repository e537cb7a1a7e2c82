// On which of this machine's addresses the scheduler listens: one that nodes can reach. Asks the
// batch system where they are; starts nothing.
import { hostname, networkInterfaces } from "node:os";
import { addressTowards, interfaceAddress } from "@acme/comm";
import type { BatchDriver } from "./drivers/driver.js";
import type { Commands } from "./shell/commands.js";

export interface PlaceOptions {
  /** Name or address of this machine, as nodes know it. */
  readonly host?: string | undefined;
  /** Network interface, such as `"ib0"`. */
  readonly schedulerInterface?: string | undefined;
}

/** @throws InterfaceError */
export async function schedulerHost(
  { host, schedulerInterface }: PlaceOptions,
  driver: BatchDriver,
  commands: Commands,
): Promise<string> {
  if (host !== undefined) return host;
  if (schedulerInterface !== undefined) return interfaceAddress(schedulerInterface);
  const towards = [...(await nodeAddresses(driver, commands)), hostname()];
  for (const place of towards) {
    const address = await addressTowards(place).catch(() => null);
    // A node that is this machine says nothing about the way to others.
    if (address !== null && !isLoopback(address)) return address;
  }
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outer = own.find(({ family, internal }) => family === "IPv4" && !internal);
  return outer?.address ?? "127.0.0.1";
}

/** Those of a few nodes: they share a network. */
const nodesAsked = 3;

async function nodeAddresses(driver: BatchDriver, commands: Commands): Promise<string[]> {
  if (driver.nodeAddresses === null) return [];
  // Whether the batch system is there shows at the first submission, with a better message.
  const printed = await commands.run(driver.nodeAddresses).catch(() => "");
  const lines = printed.split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ""))].slice(0, nodesAsked);
}

const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);
