// The way from this machine to a scheduler: credentials, names, addresses, connection, and whether
// both sides agree about versions and the time. Changes nothing there.
import { X509Certificate } from "node:crypto";
import { lookup } from "node:dns/promises";
import { statfs } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { addressTowards, connect, parseAddress, RpcPool, type Security } from "@acme/comm";
import { isAcmeError } from "@acme/protocol";
import { packageVersion } from "../shell/versions.js";
import { doctorLimits } from "./doctor-limits.js";
import { type Finding, fail, ok, warn } from "./finding.js";
import { isShared, kindOf } from "./machine-checks.js";

export interface FoundScheduler {
  readonly address: string;
  readonly security: Security | undefined;
}

/** Everything on the way, in order; what cannot be looked at after a failure is left out. */
export async function checkWay({ address, security }: FoundScheduler): Promise<Finding[]> {
  const { host } = parseAddress(address);
  const name = await nameFinding("scheduler", host);
  const own = await ownNameFinding();
  if (name.verdict === "fail") return [name, own];
  const findings = [name, own, await addressFinding(host)];
  const certificate = certificateFinding(security?.cert, Date.now());
  if (certificate !== null) findings.push(certificate);
  const reach = await reachFinding(address, security);
  findings.push(reach);
  if (reach.verdict !== "fail") findings.push(...(await peerFindings(address, security)));
  return findings;
}

/** Whether a name can be looked up, and to what. */
async function nameFinding(about: string, host: string): Promise<Finding> {
  if (isIP(host) !== 0) return ok(about, `${host}, an address that needs no name service`);
  try {
    return ok(about, `${host} is ${(await lookup(host)).address}`);
  } catch (error) {
    const advice = "start the scheduler with --host and an address that all machines can reach";
    return fail(about, `nobody knows ${host}: ${(error as Error).message}`, advice);
  }
}

async function ownNameFinding(): Promise<Finding> {
  const name = hostname();
  try {
    return ok("own name", `${name} is ${(await lookup(name)).address}`);
  } catch {
    return warn("own name", `${name} is not known here`, "workers use addresses, so this may do");
  }
}

/** The address that other workers are told, as `--host auto` finds it. */
async function addressFinding(host: string): Promise<Finding> {
  const about = "own address";
  try {
    const address = await addressTowards(host);
    const text = `${address} (${interfaceOf(address)}), on the way to the scheduler`;
    return ok(about, `${text}; all: ${allAddresses()}`);
  } catch (error) {
    const why = `no way to ${host}: ${(error as Error).message}; there are ${allAddresses()}`;
    return fail(about, why, "the scheduler must listen on a network that this machine is in");
  }
}

function addressList() {
  return Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map(({ address }) => ({ name, address })),
  );
}

const interfaceOf = (address: string): string =>
  addressList().find((each) => each.address === address)?.name ?? "an interface of its own";

const allAddresses = (): string =>
  addressList()
    .filter(({ address }) => !/^(127\.|::1$|fe80:)/.test(address))
    .map(({ name, address }) => `${name} ${address}`)
    .join(", ") || "none but the loopback";

/** @returns null: no certificate, since connections are not encrypted */
export function certificateFinding(pem: string | undefined, nowMs: number): Finding | null {
  if (pem === undefined) return null;
  const about = "certificate";
  const { validFrom, validTo } = new X509Certificate(pem);
  const [fromMs, untilMs] = [Date.parse(validFrom), Date.parse(validTo)];
  const iso = (ms: number) => new Date(ms).toISOString();
  if (nowMs < fromMs) {
    const text = `valid from ${iso(fromMs)} on, and here it is ${iso(nowMs)}`;
    return fail(about, text, "set the clock of this machine, or of the one where it was made");
  }
  const again = "start the scheduler again, so that it makes new ones";
  if (nowMs > untilMs) return fail(about, `expired at ${iso(untilMs)}`, again);
  const text = `valid until ${iso(untilMs)}`;
  const days = (untilMs - nowMs) / 86_400_000;
  return days < doctorLimits.certificateDays ? warn(about, text, again) : ok(about, text);
}

async function reachFinding(address: string, security: Security | undefined): Promise<Finding> {
  const about = "connection";
  const startMs = performance.now();
  try {
    const connection = await connect(address, { security, timeoutMs: doctorLimits.connectMs });
    await connection.close({ reason: "the doctor only asked" });
    const how = address.startsWith("tls") || address.startsWith("wss") ? "encrypted" : "plaintext";
    return ok(about, `${address} answers in ${Math.round(performance.now() - startMs)} ms, ${how}`);
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    return fail(about, error.message, adviceFor(error));
  }
}

/** By what the system said; certificates explain themselves. */
function adviceFor(error: Error): string {
  const text = `${error.message} ${String(error.cause)}`;
  if (/ECONNREFUSED/.test(text)) {
    return "nobody listens there: has the scheduler ended, or does it listen on another address?";
  }
  if (/EHOSTUNREACH|ENETUNREACH/.test(text)) {
    return "no route: choose the scheduler's network with --host or --interface";
  }
  if (/ETIMEDOUT|time|within/i.test(text)) {
    return "nothing comes back, as with a firewall: open the port, or use --port with one that is";
  }
  return "see what the scheduler's log says";
}

/** Only a scheduler that can be reached tells its version and its time. */
async function peerFindings(address: string, security: Security | undefined): Promise<Finding[]> {
  const pool = new RpcPool({ security });
  try {
    const askedMs = Date.now();
    const options = { timeoutMs: doctorLimits.answerMs };
    const versions = (await pool.call(address, { op: "versions" }, options)) as Nested;
    const answeredMs = Date.now();
    const packages = versions.get("packages") as Nested | undefined;
    const findings = [versionFinding(String(packages?.get("acme") ?? "not of acme"))];
    const theirS = versions.get("time");
    if (typeof theirS !== "number") return findings;
    // Theirs is from some moment in between.
    return [...findings, clockFinding(theirS * 1000 - (askedMs + answeredMs) / 2)];
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    return [
      fail("answer", error.message, "the scheduler is there but does not answer: see its log"),
    ];
  } finally {
    await pool.close();
  }
}

type Nested = ReadonlyMap<string, unknown>;

function versionFinding(theirs: string): Finding {
  if (theirs === packageVersion) return ok("versions", `${theirs}, here and at the scheduler`);
  const text = `${packageVersion} here, ${theirs} at the scheduler`;
  return warn("versions", text, "install the same version in both places");
}

/** @param skewMs - by how much the scheduler's clock is ahead */
export function clockFinding(skewMs: number): Finding {
  const seconds = Math.abs(skewMs / 1000);
  const text = `the scheduler's is ${seconds.toFixed(1)} s ${skewMs > 0 ? "ahead" : "behind"}`;
  const advice = "set the clocks by NTP: certificates are refused when they differ by an hour";
  if (Math.abs(skewMs) >= doctorLimits.skewMaxMs) return fail("clock", text, advice);
  return Math.abs(skewMs) >= doctorLimits.skewMs ? warn("clock", text, advice) : ok("clock", text);
}

/** Where credentials come from must be one place for all machines. */
export async function folderFinding(folder: string): Promise<Finding> {
  const { type } = await statfs(folder);
  const text = `${folder} is seen here (${kindOf(type)})`;
  if (isShared(type)) return ok("shared folder", text);
  return ok("shared folder", `${text}; other machines see it if it is shared in another way`);
}
