// The certificates that dask's configuration files name, and what of it does not count.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { configuredCertificates } from "./configured-certificates.js";

function configured(tls: object, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "configured-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "dask.json");
  writeFileSync(file, JSON.stringify({ distributed: { comm: { tls } } }));
  return configuredCertificates({ DASK_CONFIG: file, ...env }, folder);
}

const ca = { "ca-file": "/ca.pem" };

it("are those of the scheduler, whose key may be in the same file", () => {
  const scheduler = { cert: "/cert.pem" };
  expect(configured({ ...ca, scheduler })).toEqual({ tlsCaFile: "/ca.pem", tlsCert: "/cert.pem" });
  expect(configured({ ...ca, scheduler: { ...scheduler, key: "/key.pem" } })).toMatchObject({
    tlsKey: "/key.pem",
  });
});

it("are none where the files name those of clients only, or an authority alone", () => {
  expect(configured({ ...ca, client: { cert: "/cert.pem" } })).toEqual({});
  expect(configured({ scheduler: { cert: "/cert.pem" } })).toEqual({});
});

it("are not taken from variables, which may be those of another cluster", () => {
  const tls = "DASK_DISTRIBUTED__COMM__TLS__";
  const env = { [`${tls}CA_FILE`]: "/ca.pem", [`${tls}SCHEDULER__CERT`]: "/cert.pem" };
  expect(configured({}, env)).toEqual({});
});
