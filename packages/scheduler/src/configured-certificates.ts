// Certificates that the files of dask's configuration name for its scheduler, which clients and
// workers on this machine then have from there too. Variables do not count: in a shell that was
// prepared for one cluster of ours they name its certificates, which are not those of the next.
import type { SecurityFiles } from "@acme/comm";
import { loadConfig } from "@acme/config";

const places = ["DASK_CONFIG", "DASK_ROOT_CONFIG", "ACME_CONFIG", "ACME_ROOT_CONFIG"];

/** Nothing where no certificate or no authority is named. */
export function configuredCertificates(
  env: Readonly<Record<string, string | undefined>>,
  homeDir: string,
): SecurityFiles {
  const files = Object.fromEntries(places.map((name) => [name, env[name]]));
  const config = loadConfig({ env: files, homeDir });
  const path = (name: string) => config.getString(`distributed.comm.tls.${name}`, null);
  const [tlsCaFile, tlsCert] = [path("ca-file"), path("scheduler.cert")];
  if (tlsCaFile === null || tlsCert === null) return {};
  return { tlsCaFile, tlsCert, tlsKey: path("scheduler.key") ?? undefined };
}
