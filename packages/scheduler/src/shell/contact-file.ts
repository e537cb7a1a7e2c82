// Writes the file through which workers and clients find a scheduler: dask's scheduler file, with
// our additions. Written under another name and renamed, so that a reader never sees half of it.
import { renameSync, writeFileSync } from "node:fs";
import { packageVersion } from "./versions.js";

/** What the contact file tells about. */
export interface ContactSource {
  readonly id: string;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly httpPort: number | null;
}

/** @param path - of the file; its folder must exist */
export function writeContactFile(path: string, source: ContactSource): void {
  const contact = {
    type: "Scheduler",
    id: source.id,
    address: source.address,
    addresses: source.addresses,
    services: source.httpPort === null ? {} : { dashboard: source.httpPort },
    workers: {},
    versions: { acme: packageVersion, node: process.versions.node },
    pid: process.pid,
    jobId: process.env.SLURM_JOB_ID ?? null,
  };
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(contact, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
