// Addresses: `scheme://host:port` taken apart and put together, names turned into numbers, and a
// wildcard host into the addresses that others can reach.
import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { AddressError } from "./errors.js";

export type Scheme = "tcp" | "tls" | "ws" | "wss" | "inproc";

export interface Address {
  scheme: Scheme;
  /** Host without brackets; for inproc the whole rest. May be empty (all interfaces). */
  host: string;
  port: number;
}

const schemes: readonly string[] = ["tcp", "tls", "ws", "wss", "inproc"];

/**
 * Takes an address apart.
 *
 * @throws AddressError if it has no known scheme, or no port (inproc has none)
 */
export function parseAddress(address: string): Address {
  const parts = /^([a-z]+):\/\/(.*)$/.exec(address);
  if (parts === null) throw new AddressError(address, "an address needs a scheme");
  const scheme = parts[1] as string;
  const rest = parts[2] as string;
  if (!schemes.includes(scheme)) throw new AddressError(address, `unknown scheme ${scheme}`);
  if (scheme === "inproc") return { scheme, host: rest, port: 0 };
  const place = /^(?:\[([^\]]*)\]|([^:/[\]]*)):(\d{1,5})\/?$/.exec(rest);
  const port = Number(place?.[3]);
  if (place === null || port > 65_535) throw new AddressError(address, "host or port unreadable");
  return { scheme: scheme as Scheme, host: place[1] ?? place[2] ?? "", port };
}

/** Puts an address together; IPv6 hosts get brackets, IPv4 inside IPv6 loses its wrapping. */
export function formatAddress(scheme: Scheme, host: string, port: number): string {
  const plain = host.startsWith("::ffff:") && isIP(host.slice(7)) === 4 ? host.slice(7) : host;
  return `${scheme}://${isIPv6(plain) ? `[${plain}]` : plain}:${port}`;
}

/** The numeric form of a host; numeric hosts are not looked up. */
export async function numericHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  const found = await lookup(host, { verbatim: false });
  return found.address;
}

/** True for hosts that mean all interfaces. */
export function isWildcard(host: string): boolean {
  return host === "" || host === "0.0.0.0" || host === "::";
}

/**
 * Hosts under which a listener on a wildcard is reached: other machines' way in first, loopback
 * last.
 */
export function contactHosts(wildcard: string): string[] {
  const outside: string[] = [];
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) {
      if (entry.family === "IPv4" && !entry.internal) outside.push(entry.address);
      else if (wildcard === "::" && isGlobalIPv6(entry)) outside.push(entry.address);
    }
  }
  outside.sort((a, b) => isIP(a) - isIP(b));
  return [...outside, "127.0.0.1"];
}

function isGlobalIPv6(entry: { family: string; internal: boolean; address: string }): boolean {
  return entry.family === "IPv6" && !entry.internal && !entry.address.startsWith("fe80");
}
