// What all repetitions of a run share: where the incumbent's Python is, credentials that both
// systems use, and a folder that goes when the run ends. Starts no part of a cluster.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Incumbent } from "./incumbent.js";

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Site {
  readonly folder: string;
  readonly tls: TlsFiles;
  readonly dask: Incumbent;
  /** ACME's own environment; undefined where it cannot be installed. */
  readonly esiAcme: Incumbent | undefined;
}

/** @returns the site, and what removes its files */
export function makeSite(incumbents: Pick<Site, "dask" | "esiAcme">): [Site, () => void] {
  const folder = mkdtempSync(join(tmpdir(), "acme-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return [{ ...incumbents, folder, tls: makeCredentials(folder) }, remove];
}

/** One self-signed EC P-256 certificate, its own authority, for every peer of both systems. */
function makeCredentials(folder: string): TlsFiles {
  const cert = join(folder, "cert.pem");
  const key = join(folder, "key.pem");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", "/CN=acme-bench", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...curve, "-days", "2", ...names, ...files], {
    stdio: "ignore",
  });
  return { ca: cert, cert, key };
}
