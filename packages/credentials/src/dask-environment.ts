// What a Python client or worker of dask needs to know of a cluster, as environment variables that
// dask's configuration reads. Paths only: keys and tokens never enter an environment.

const comm = "DASK_DISTRIBUTED__COMM__";

/** Where the PEM texts of a cluster lie. */
export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * The variables for a scheduler's address.
 *
 * @param address - of the scheduler
 * @param files - undefined if connections are not encrypted
 */
export function daskEnvironment(
  address: string,
  files: CertificateFiles | undefined,
): Map<string, string> {
  const variables = new Map([["DASK_SCHEDULER_ADDRESS", address]]);
  if (files !== undefined) {
    variables.set(`${comm}TLS__CA_FILE`, files.ca);
    for (const role of ["CLIENT", "WORKER", "SCHEDULER"]) {
      variables.set(`${comm}TLS__${role}__CERT`, files.cert);
      variables.set(`${comm}TLS__${role}__KEY`, files.key);
    }
  }
  // Also when not, since the shell may hold the variables of another cluster.
  variables.set(`${comm}REQUIRE_ENCRYPTION`, files === undefined ? "False" : "True");
  return variables;
}
