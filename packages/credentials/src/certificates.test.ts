// Goal: certificates that every peer accepts. Method: node reads them, node connects with them, and
// OpenSSL verifies them as strictly as it can, which is what Python does since 3.13.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, listen } from "@acme/comm";
import { expect, it, onTestFinished } from "vitest";
import { makeCertificates, validityFrom } from "./certificates.js";

const hourMs = 3_600_000;

it("makes an authority and a certificate for both roles, since an hour ago, for a year", () => {
  const nowMs = Date.UTC(2031, 4, 6, 7, 8, 9);
  const { ca, cert, key } = makeCertificates("probe", validityFrom(nowMs));
  const authority = new X509Certificate(ca);
  const peer = new X509Certificate(cert);
  expect(key).toContain("BEGIN PRIVATE KEY");
  expect(authority.ca).toBe(true);
  expect(peer.ca).toBe(false);
  expect(peer.subject).toBe("CN=acme cluster probe");
  expect(peer.issuer).toBe(authority.subject);
  expect(peer.verify(authority.publicKey)).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect(peer.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  for (const each of [authority, peer]) {
    expect(Date.parse(each.validFrom)).toBe(nowMs - hourMs);
    expect(Date.parse(each.validTo)).toBe(nowMs + 365 * 24 * hourMs);
    expect(each.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  }
});

it("never gives a serial number, a key or an authority twice", () => {
  const many = Array.from({ length: 20 }, () => makeCertificates("probe"));
  const parts = many.flatMap(({ ca, cert, key }) => [
    new X509Certificate(ca).serialNumber,
    new X509Certificate(ca).subject,
    new X509Certificate(cert).serialNumber,
    key,
  ]);
  expect(new Set(parts).size).toBe(parts.length);
});

it("writes dates of any century", () => {
  const validity = { fromMs: Date.UTC(2049, 11, 31), untilMs: Date.UTC(2050, 0, 1) };
  const peer = new X509Certificate(makeCertificates("late", validity).cert);
  expect(Date.parse(peer.validFrom)).toBe(validity.fromMs);
  expect(Date.parse(peer.validTo)).toBe(validity.untilMs);
});

it("copes with names that are too long for a certificate", () => {
  const { ca, cert } = makeCertificates("x".repeat(64));
  expect(new X509Certificate(cert).checkIssued(new X509Certificate(ca))).toBe(true);
});

it.each(["sslserver", "sslclient"])("passes the strict verification of OpenSSL for %s", (role) => {
  const folder = mkdtempSync(join(tmpdir(), "acme-certificates-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { ca, cert } = makeCertificates("probe");
  writeFileSync(join(folder, "ca.pem"), ca);
  writeFileSync(join(folder, "cert.pem"), cert);
  const args = ["verify", "-x509_strict", "-check_ss_sig", "-purpose", role, "-CAfile", "ca.pem"];
  const said = execFileSync("openssl", [...args, "cert.pem"], { cwd: folder, encoding: "utf8" });
  expect(said.trim()).toBe("cert.pem: OK");
});

it.each(["tls", "wss"])("lets peers of one cluster in over %s, and no others", async (scheme) => {
  const security = makeCertificates("probe");
  const onConnection = () => {};
  const listener = await listen(`${scheme}://127.0.0.1:0`, { security, onConnection });
  onTestFinished(() => listener.close());
  const connection = await connect(listener.address, { security });
  expect(connection.isOpen).toBe(true);
  connection.abort();
  const foreign = makeCertificates("probe");
  await expect(connect(listener.address, { security: foreign })).rejects.toThrow(/certificate/);
});
